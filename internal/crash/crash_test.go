package crash_test

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/crash"
)

// The stack of a release has no paths of the machine that built the release.
func TestSiteIsWhereThePanicBegan(t *testing.T) {
	const release = `goroutine 1 [running]:
runtime/debug.Stack()
	runtime/debug/stack.go:26 +0x5e
main.main.func1.1()
	github.com/masker-project/masker/cmd/masker/app.go:45 +0x33
panic({0x4b0520?, 0x581470?})
	runtime/panic.go:860 +0x13a
runtime.panicmem(...)
	runtime/panic.go:336
runtime.sigpanic()
	runtime/signal_unix.go:931 +0x359
main.boom(0x45411f?)
	github.com/masker-project/masker/pkg/refresh/pool.go:4 +0x2a
`
	machine := strings.NewReplacer("\truntime/", "\t/usr/local/go/src/runtime/", "\tgithub.com/", "\t/home/me/github.com/").Replace(release)
	for name, stack := range map[string]string{"release": release, "build": machine} {
		if got := crash.Site(stack); got != "pool.go:4" {
			t.Errorf("%s: %s", name, got)
		}
	}
	if got := crash.Site("panic(0x1)\n"); got != "an unknown position" {
		t.Error(got)
	}
}

func TestSiteOfARealPanic(t *testing.T) {
	defer func() {
		if recover(); !strings.HasPrefix(crash.Site(string(debug.Stack())), "crash_test.go:") {
			t.Errorf("got %s from\n%s", crash.Site(string(debug.Stack())), debug.Stack())
		}
	}()
	var none map[string]*int
	t.Log(*none["x"])
}
