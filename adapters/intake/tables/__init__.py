"""Tables of other kinds than CSV: workbooks, columnar files, JSON records and archives, as a stream of CSV text."""
