"""Data files: what is read, and the one clear line for each thing that is wrong."""

import io
import os
import pickle

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nn.data import DataError, article, load


def csv_file(folder, content):
    path = folder / "data.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def npz_file(folder, **arrays):
    path = folder / "data.npz"
    np.savez(path, **arrays)
    return path


def test_a_header_says_what_the_columns_are(tmp_path):
    x, y = load(csv_file(tmp_path, "x_a, y1 ,X2,yes\n1,2,3,4\n\n5,6,7,8e0\n"))
    assert x.tolist() == [[1, 3], [5, 7]]
    assert y.tolist() == [[2, 4], [6, 8]]
    assert x.dtype == y.dtype == np.float64


@pytest.mark.parametrize(("outputs", "columns"), [(1, 2), (2, 1)])
def test_without_a_header_the_last_columns_are_targets(tmp_path, outputs, columns):
    x, y = load(csv_file(tmp_path, "1,2,3\n4,5,6\n"), outputs)
    assert (x.shape, y.shape) == ((2, columns), (2, outputs))


@pytest.mark.parametrize(
    "content", ["\ufeffx,y\n1,2\n", "x,y\r\n1,2\r\n", "x,y\n1,2", '"x","y"\n"1","2"\n', "\n\nx,y\n 1 , 2 \n,\n"]
)
def test_what_spreadsheets_write_is_read(tmp_path, content):
    x, y = load(csv_file(tmp_path, content))
    assert (x.tolist(), y.tolist()) == ([[1]], [[2]])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        ("\n \n,,\n", "blank lines only"),
        ("x,y\n", "a header and no rows"),
        ("x,y\n1,2\n3,abc\n", "line 3, column 2: 'abc' is no number"),
        ("x,y\n1,\n", "line 2, column 2 is empty"),
        ("x,y\n1,2\n1,2,3\n", "line 3 has 3 columns, the lines before it 2"),
        ("1,2\n1\n", "line 2 has 1 columns"),
        ("1,2\n3,nan\n", "line 2, column 2: 'nan' is no finite number"),
        ("1,2\n-inf,2\n", "line 2, column 1: '-inf' is no finite number"),
        ("1,2\n1e999,2\n", "line 2, column 1: '1e999' is too large"),
        ("1,2\n1_000,2\n", "'1_000' is no number"),
        ("x;y\n1;2\n", "line 1: the columns are separated by semicolons; separate them by commas"),
        ("1\t2\n", "line 1: the columns are separated by tabs"),
        ("a,y\n1,2\n", "line 1, column 1: 'a' is no number and no column name"),
        ("x,\n1,2\n", "line 1, column 2: '' is no number and no column name"),
        ("x1,x2\n1,2\n", "names no column that begins with y"),
        ("y1,y2\n1,2\n", "names no column that begins with x"),
        ("1\n2\n", "has 1 columns"),
        (b"\x00\x01\x02\xff\xfe", "UTF-8"),
        (b"1,2\n\x00,3\n", "line 2"),
        ('1,2\n"3,4\n', "line"),
        (b"x,y\n1," + b"9" * 200_000 + b"\n", "line 2"),
    ],
)
def test_a_malformed_csv_file_is_explained_in_one_line(tmp_path, content, message):
    path = csv_file(tmp_path, content)
    with pytest.raises(DataError) as caught:
        load(path)
    text = str(caught.value)
    assert message in text and repr(str(path)) in text
    assert "\n" not in text and len(text) < 300 + len(str(path))


def test_npz_arrays_come_as_float64(tmp_path):
    x, y = load(npz_file(tmp_path, x=np.ones((3, 2), np.float32), y=np.ones((3, 1), bool), other=np.ones(1)))
    assert (x.dtype, y.dtype, x.shape, y.shape) == (np.float64, np.float64, (3, 2), (3, 1))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.ones((2, 1))}, "holds no array y"),
        ({"a": np.ones((2, 1))}, "holds no array x and no array y"),
        ({"x": np.ones(2), "y": np.ones((2, 1))}, r"x has shape (2,); it must have two axes, rows and columns; save x"),
        ({"x": np.ones((2, 1)), "y": np.ones((2, 1, 1))}, "y has shape (2, 1, 1)"),
        ({"x": np.ones((2, 1)), "y": np.ones((3, 1))}, "x has 2 rows, y has 3"),
        ({"x": np.ones((0, 1)), "y": np.ones((0, 1))}, "no numbers in it"),
        ({"x": np.array([[1, np.nan]]), "y": np.ones((1, 1))}, "x[0, 1] = nan is no finite number"),
        ({"x": np.ones((1, 1)), "y": np.array([[-np.inf]])}, "y[0, 0] = -inf is no finite number"),
        ({"x": np.array([[1j]]), "y": np.ones((1, 1))}, "x holds dtype complex128, not real numbers"),
        ({"x": np.array([["a"]]), "y": np.ones((1, 1))}, "x holds dtype <U1, not real numbers"),
        ({"x": np.array([[{}]]), "y": np.ones((1, 1))}, "x holds pickled Python objects"),
        ({"x": np.array([[np.longdouble("1e4000")]]), "y": np.ones((1, 1))}, "is too large for a float64"),
    ],
)
def test_a_malformed_npz_file_is_explained_in_one_line(tmp_path, arrays, message):
    with pytest.raises(DataError) as caught:
        load(npz_file(tmp_path, **arrays))
    assert message in str(caught.value) and "\n" not in str(caught.value)


def test_what_is_no_npz_archive_is_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    array = io.BytesIO()
    np.save(array, np.ones(2))
    for content in (pickle.dumps(Trap()), b"rubbish", b"PK rubbish", array.getvalue(), b"PK\x03\x04" + bytes(100)):
        path = tmp_path / "data.npz"
        path.write_bytes(content)
        with pytest.raises(DataError, match=r"no \.npz archive|broken"):
            load(path)
    assert not (tmp_path / "sprung").exists()


def test_a_truncated_npz_file_is_broken(tmp_path):
    path = npz_file(tmp_path, x=np.random.rand(100, 3), y=np.ones((100, 1)))
    whole = path.read_bytes()
    for part in (whole[:-30], whole[: len(whole) // 2], whole[:200] + bytes(50) + whole[250:]):
        path.write_bytes(part)
        with pytest.raises(DataError, match="broken"):
            load(path)


@pytest.mark.parametrize("suffix", [".csv", ".npz", ".txt"])
def test_missing_files_and_folders(tmp_path, suffix):
    with pytest.raises(DataError, match="not found"):
        load(tmp_path / f"none{suffix}")
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        load(tmp_path / f"folder{suffix}")


def test_other_kinds_of_files(tmp_path):
    (tmp_path / "data.txt").write_text("1,2\n")
    with pytest.raises(DataError, match=r"must end in \.csv or \.npz"):
        load(tmp_path / "data.txt")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="no regular file"):
        load(tmp_path / "pipe.csv")
    with pytest.raises(DataError):
        load("/dev/zero")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(min_size=1, max_size=200), suffix=st.sampled_from(["csv", "npz"]))
def test_whatever_is_in_the_file_it_is_data_or_a_data_error(tmp_path, content, suffix):
    path = tmp_path / f"any.{suffix}"
    path.write_bytes(content)
    try:
        x, y = load(path)
    except DataError as error:
        assert "\n" not in str(error)
    else:
        assert x.ndim == y.ndim == 2 and len(x) == len(y) and np.isfinite(x).all() and np.isfinite(y).all()


@given(st.lists(st.tuples(*[st.floats(allow_nan=False, allow_infinity=False)] * 3), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_float_comes_back_as_it_was(tmp_path, rows):
    path = csv_file(tmp_path, "x,x,y\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows))
    x, y = load(path)
    np.testing.assert_array_equal(np.hstack([x, y]), np.array(rows))


def test_the_article_s_data():
    x, y = article()
    assert (x.tolist(), y.tolist()) == ([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[0, 1], [1, 0], [1, 1]])
