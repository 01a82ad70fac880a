package postgres

// ReadsExpression reports whether a column of a catalog is one of those that Texts reads with a function.
func ReadsExpression(kind string) bool { return expressions()[kind] != "" }
