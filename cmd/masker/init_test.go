package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/discover"
)

// outsideNames generates names that PostgreSQL accepts for a role or a database.
func outsideNames() *rapid.Generator[string] {
	odd := rapid.SampledFrom([]string{
		"null", "true", "~", "1e3", "y", "a: b", "a #b", " a", "a ", `"`, "'", `\`, "a\nb", "\r", "\t", "\u0085", "\ufeff", "\u2028", "\x01\x07\x1b\x7f", "{x}", "- x", "&a", "*", "!t", "%",
		strings.Repeat("語", 21), "#x", "@x", "`", "$x",
	})
	return rapid.Map(rapid.OneOf(odd, rapid.String()), func(s string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
	}).Filter(func(s string) bool { return s != "" && !strings.Contains(s, "${") })
}

// Masker can read the masker.yaml that init drafts, for all names of roles. It can also read the adopt: line that
// masker prints when it refuses a target.
func TestTheDraftedConfigurationCanBeRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "masker.yaml")
	rapid.Check(t, func(t *rapid.T) {
		roles := rapid.SliceOfNDistinct(outsideNames(), 0, 4, rapid.ID[string]).Draw(t, "roles")
		database := outsideNames().Draw(t, "database")
		text := strings.Replace(discover.Config("PRODUCTION_URL", "shop", roles), `"${STAGING_URL}"}`, fmt.Sprintf(`"${STAGING_URL}", adopt: %q}`, "7/"+database), 1)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := loadConfig(file, map[string]string{"PRODUCTION_URL": "postgres://a/b", "STAGING_URL": "postgres://c/d"})
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(c.Roles) != len(roles) {
			t.Fatalf("%d roles of %d", len(c.Roles), len(roles))
		}
		for i, r := range c.Roles {
			if r.From != roles[i] || r.To != roles[i] {
				t.Fatalf("role %q became %q, %q", roles[i], r.From, r.To)
			}
		}
		if got := c.Environments["staging"].Adopt; got != "7/"+database {
			t.Fatalf("adopts %q instead of %q", got, database)
		}
	})
}
