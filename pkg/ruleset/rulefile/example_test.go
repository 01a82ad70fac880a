package rulefile_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

// Load reads a rule file and the hook that it names. The hook's path starts from the folder of the rule file.
func ExampleLoad() {
	dir, err := os.MkdirTemp("", "masker-example-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for name, text := range map[string]string{
		"shop.yaml":    "revision: 1\ntables:\n  public.logins: {skip: \"nobody needs them\"}\nhooks:\n  before_publish: [accounts.sql]\n",
		"accounts.sql": "INSERT INTO accounts VALUES ('tester')",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			log.Fatal(err)
		}
	}
	set, err := rulefile.Load([]string{filepath.Join(dir, "shop.yaml")})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("revision", set.Revision)
	fmt.Println(set.Tables[0].Name, "is made without rows:", set.Tables[0].Skip.Reason)
	fmt.Println(set.Hooks[0].File, "says:", set.Hooks[0].SQL)
	// Output:
	// revision 1
	// public.logins is made without rows: nobody needs them
	// accounts.sql says: INSERT INTO accounts VALUES ('tester')
}
