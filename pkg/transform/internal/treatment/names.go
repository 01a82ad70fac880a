package treatment

import "github.com/masker-project/masker/pkg/transform"

// TypeName is the column's type as errors name it.
func TypeName(c transform.Column) string {
	if c.Type.Name != "" {
		return c.Type.Name
	}
	return string(c.Type.Family)
}
