package treatment

import "github.com/masker-project/masker/pkg/transform"

// TypeName returns the name of the column's type for errors.
func TypeName(c transform.Column) string {
	if c.Type.Name != "" {
		return c.Type.Name
	}
	return string(c.Type.Family)
}
