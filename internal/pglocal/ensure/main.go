// Command ensure says which PostgreSQL the tests will use. If there is none, it installs PostgreSQL.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/masker-project/masker/internal/pglocal"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	if err := pglocal.Ensure(ctx, func(line string) { fmt.Fprintln(os.Stderr, line) }); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
