package branch_test

import (
	"fmt"
	"os"
	"time"

	"github.com/masker-project/masker/pkg/branch"
)

// Table shows the branches that List has returned.
func ExampleTable() {
	now := time.Date(2026, 3, 9, 12, 0, 0, 0, time.UTC)
	list := []branch.Branch{
		{
			Name: "pr_4711", Target: "staging", Run: "1m84zs2khtx6", Owner: "jane@example.com", Purpose: "pull request 4711",
			Made: now.Add(-26 * time.Hour), Expires: now.Add(6 * 24 * time.Hour), Bytes: 2 << 30, Trusted: true,
		},
	}
	for _, text := range []string{"7d", "soon"} {
		if lasts, err := branch.ParseExpiry(text); err == nil {
			fmt.Println(text, "is", lasts)
		}
	}
	fmt.Println(list[0].Line(now))
	if err := branch.Table(os.Stdout, list, now); err != nil {
		fmt.Println(err)
	}
	// Output:
	// 7d is 168h0m0s
	// pr_4711 is a branch of staging, with the rows of run 1m84zs2khtx6, for jane@example.com; it expires in 6 days
	// NAME     TARGET   RUN           OWNER             PURPOSE            AGE       EXPIRES    SIZE     TRUSTED
	// pr_4711  staging  1m84zs2khtx6  jane@example.com  pull request 4711  26 hours  in 6 days  2048 MB  yes
}
