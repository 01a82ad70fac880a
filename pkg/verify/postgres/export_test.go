package postgres

// ReadsExpression reports whether Texts reads a column of a catalog with a function that prints the column as SQL.
func ReadsExpression(kind string) bool { return expressions()[kind] != "" }
