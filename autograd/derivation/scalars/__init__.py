"""The scalar view of a graph: its entries one by one, the paths between them, their sum behind a gradient."""
