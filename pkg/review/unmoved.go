package review

import (
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// Unmoved describes the properties of the source's database that are not copied. It returns "" if there is nothing.
func Unmoved(u catalog.Unmoved) string {
	var list []string
	if len(u.Settings) > 0 {
		list = append(list, "settings of the database ("+strings.Join(u.Settings, ", ")+")")
	}
	if u.Comment {
		list = append(list, "the comment on the database")
	}
	if u.Labels > 0 {
		list = append(list, spell.Count(u.Labels, "security label"))
	}
	if len(list) == 0 {
		return ""
	}
	return "not copied from the source, because the target keeps its own: " + strings.Join(list, ", ")
}
