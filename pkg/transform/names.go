package transform

func typeName(c Column) string {
	if c.Type.Name != "" {
		return c.Type.Name
	}
	return string(c.Type.Family)
}
