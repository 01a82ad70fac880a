package doctor_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/masker-project/masker/pkg/doctor"
)

// L5: swap space is in order only if it is known to be encrypted or in memory.
func TestL5SwapOnAPlainDiskIsReported(t *testing.T) {
	const head = "Filename\tType\tSize\tUsed\tPriority\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  []doctor.Level
	}{
		{"none", map[string]string{"proc/swaps": head}, []doctor.Level{doctor.OK}},
		{"no such kernel", nil, []doctor.Level{doctor.OK}},
		{"a partition", map[string]string{"proc/swaps": head + "/dev/sda2 partition 1 0 -2\n"}, []doctor.Level{doctor.Warning}},
		{"a file", map[string]string{"proc/swaps": head + "/swapfile file 1 0 -2\n"}, []doctor.Level{doctor.Warning}},
		{"dm-crypt", map[string]string{"proc/swaps": head + "/dev/dm-1 partition 1 0 -2\n", "sys/block/dm-1/dm/uuid": "CRYPT-PLAIN-swap\n"}, []doctor.Level{doctor.OK}},
		{"a plain volume", map[string]string{"proc/swaps": head + "/dev/dm-1 partition 1 0 -2\n", "sys/block/dm-1/dm/uuid": "LVM-x\n"}, []doctor.Level{doctor.Warning}},
		{"zram", map[string]string{"proc/swaps": head + "/dev/zram0 partition 1 0 100\n", "sys/block/zram0/backing_dev": "none\n"}, []doctor.Level{doctor.OK}},
		{"zram on a disk", map[string]string{"proc/swaps": head + "/dev/zram0 partition 1 0 100\n", "sys/block/zram0/backing_dev": "/dev/sda3\n"}, []doctor.Level{doctor.Warning}},
		{"both", map[string]string{"proc/swaps": head + "/dev/zram0 partition 1 0 100\n/dev/sda2 partition 1 0 -2\n"}, []doctor.Level{doctor.Warning}},
	} {
		var s doctor.Sheet
		s.Swap(doctor.Memory{Root: tree(c.files)})
		expect(t, c.name, s, c.want...)
	}
}

// L5: if core_pattern pipes core dumps into a program, the limit on core files has no effect.
func TestL5CoreDumpsAreReported(t *testing.T) {
	file, pipe := map[string]string{"proc/sys/kernel/core_pattern": "core\n"}, map[string]string{"proc/sys/kernel/core_pattern": "|/usr/bin/catch %p\n"}
	for _, c := range []struct {
		name     string
		files    map[string]string
		dumpable int
		limit    uint64
		want     doctor.Level
	}{
		{"hardened", file, 0, 0, doctor.OK},
		{"hardened, piped", pipe, 0, 0, doctor.OK},
		{"not dumpable, whatever the limit", pipe, 0, 1 << 30, doctor.OK},
		{"dumpable, no limit", file, 1, 1 << 30, doctor.Problem},
		{"dumpable, limit 0", file, 1, 0, doctor.OK},
		{"dumpable, piped past the limit", pipe, 1, 0, doctor.Problem},
		{"another platform", nil, -1, 0, doctor.Warning},
	} {
		var s doctor.Sheet
		s.Cores(doctor.Memory{Root: tree(c.files), Dumpable: c.dumpable, CoreLimit: c.limit})
		expect(t, c.name, s, c.want)
	}
}

func TestAClockADayOffIsAProblem(t *testing.T) {
	for offset, want := range map[time.Duration]doctor.Level{
		0: doctor.OK, -59 * time.Second: doctor.OK, 61 * time.Second: doctor.Warning, -4 * time.Minute: doctor.Warning,
		6 * time.Minute: doctor.Problem, -24 * time.Hour: doctor.Problem,
	} {
		var s doctor.Sheet
		s.Clock("source", offset)
		expect(t, offset.String(), s, want)
	}
}

// C4, R4: others may not read a secret, and may not change a file that decides what masker does.
func TestC4R4FilesOfOthersAreReported(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		mode               os.FileMode
		secret, unwritable doctor.Level
	}{
		{0o600, doctor.OK, doctor.OK},
		{0o400, doctor.OK, doctor.OK},
		{0o640, doctor.Problem, doctor.OK},
		{0o604, doctor.Problem, doctor.OK},
		{0o620, doctor.Problem, doctor.Problem},
		{0o602, doctor.Problem, doctor.Problem},
	} {
		if err := os.Chmod(path, c.mode); err != nil {
			t.Fatal(err)
		}
		var secret, unwritable doctor.Sheet
		secret.Secret("keys", "key", path)
		unwritable.Unwritable("policy", "who may sign", path)
		expect(t, c.mode.String(), secret, c.secret)
		expect(t, c.mode.String(), unwritable, c.unwritable)
	}
	var gone, folder doctor.Sheet
	gone.Secret("keys", "key", filepath.Join(dir, "gone"))
	folder.Secret("keys", "key", dir)
	expect(t, "missing", gone, doctor.Problem)
	expect(t, "a folder", folder, doctor.Problem)
	if os.Geteuid() == 0 {
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(path, 12345, -1); err != nil {
			t.Fatal(err)
		}
		var foreign doctor.Sheet
		foreign.Secret("keys", "key", path)
		expect(t, "somebody else's", foreign, doctor.Problem)
	}
}

func TestInside(t *testing.T) {
	for path, want := range map[string]bool{"rules/a": true, "rules/sub/a": true, "rules/..a": true, "policy/a": false, "rules/../policy/a": false, "rules2/a": false} {
		if got := doctor.Inside(path, "rules"); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}

func TestAHostileNameCannotAddALine(t *testing.T) {
	var s doctor.Sheet
	s.Problem("source", "x\x1b[2Jy", "%s", "a\nok       forged\x1b]0;t\x07")
	var text bytes.Buffer
	if err := s.Text(&text); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(text.String(), "\x1b\x07") || strings.Contains(text.String(), "\nok ") {
		t.Errorf("%q", &text)
	}
}

func tree(files map[string]string) fstest.MapFS {
	root := make(fstest.MapFS)
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return root
}

func expect(t *testing.T, name string, s doctor.Sheet, want ...doctor.Level) {
	t.Helper()
	var have []doctor.Level
	for _, f := range s.Findings {
		have = append(have, f.Level)
		if f.Level != doctor.OK && f.Fix == "" {
			t.Errorf("%s: %q has no fix", name, f.What)
		}
	}
	if len(have) != len(want) {
		t.Errorf("%s: %v, want %v", name, have, want)
		return
	}
	for i := range have {
		if have[i] != want[i] {
			t.Errorf("%s: %v, want %v", name, have, want)
		}
	}
}
