package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// seededFault is a fault in code that treating and verifying share, or in the normal form. It is not in the repository:
// the test builds masker with changed files.
type seededFault struct {
	name     string
	file     string
	old, now string // the test replaces old by now in the file. SEEDED is true in a process that is to have the fault
}

func seededFaults() []seededFault {
	return []seededFault{
		{"a codec changes a digit", "pkg/wire/numeric.go", "dst = append(dst, '0'+byte(digit))", "if SEEDED && digit == 7 { digit = 1 }; dst = append(dst, '0'+byte(digit))"},
		{"a codec loses a bit", "pkg/wire/integer.go", "return strconv.AppendInt(dst, int64(binary.BigEndian.Uint64(bin)), 10), nil", "if v := binary.BigEndian.Uint64(bin); SEEDED { return strconv.AppendInt(dst, int64(v>>1), 10), nil } else { return strconv.AppendInt(dst, int64(v), 10), nil }"},
		{"an escape becomes another character", "pkg/wire/escape.go", "return s[0], 1", "if SEEDED { return 'x', 1 }; return s[0], 1"},
		{"long cells lose a byte", "pkg/wire/split.go", "dst[i] = Span{Lead: start - 4, Start: start, End: at}", "dst[i] = Span{Lead: start - 4, Start: start, End: at}; if SEEDED && size > 64 { dst[i].Start++ }"},
		{"all digits are equal", "pkg/verify/normal/ascii.go", "letters, digits := r.of(eight)", "letters, digits := r.of(eight); if SEEDED { eight &^= digits >> 7 * 0x0f }"},
		{"all digits are equal", "pkg/verify/normal/squeeze.go", "letters, digits := r.of(eight)", "letters, digits := r.of(eight); if SEEDED { eight &^= digits >> 7 * 0x0f }"},
		{"upper case is no lower case", "pkg/verify/normal/ascii.go", "binary.LittleEndian.PutUint64(b.low[b.n:], eight|letters>>2)", "if binary.LittleEndian.PutUint64(b.low[b.n:], eight|letters>>2); SEEDED { binary.LittleEndian.PutUint64(b.low[b.n:], eight) }"},
		{"upper case is no lower case", "pkg/verify/normal/squeeze.go", "folded := eight | letters>>2", "folded := eight | letters>>2; if SEEDED { folded = eight }"},
		{"whole values keep their case", "pkg/verify/normal/squeeze.go", "counted := letters | digits", "counted := letters | digits; if SEEDED { letters = 0 }"},
	}
}

// manyKept has kept and treated values of many types, in both formats of COPY. A column of type money makes COPY use
// text.
const manyKept = inventors + `
CREATE TABLE public.bin (id bigint PRIMARY KEY, n numeric, t text, u uuid, email text, ref numeric, story text);
INSERT INTO bin SELECT 1000000000 + i * 7919, i * 1234567.89, 'Note ' || pseudo('t', i, 8) || repeat(' and so on', i % 9), md5(i::text)::uuid, pseudo('e', i, 9) || '@mail.invalid', digits('r', i, 12)::numeric, repeat(pseudo('s', i, 9) || ' ', 12)
FROM generate_series(1, 300) i;
CREATE TABLE public.txt AS SELECT bin.*, 1::money AS price, 'C:\' || t || E'\n\t' AS path FROM bin;`

const manyKeptRules = `revision: 1
packs: [baseline]
tables:
  public.bin: {keep: values of a test, only: [id, n, t, u], columns: {email: {class: email}, ref: {treat: token, range: [0, 999999999999]}, story: {treat: token}}}
  public.txt: {keep: values of a test, only: [id, n, t, u, price, path], columns: {email: {class: email}, ref: {treat: token, range: [0, 999999999999]}, story: {treat: token}}}
`

// V8: a fault in code that treating and verifying share could hide a leak. With such a fault, the verification does
// not find the controls, which are values that must be in the shadow. So masker publishes nothing. Without a fault,
// the same refresh passes.
func TestV8FaultsInSharedCodeAreCaught(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "kept", manyKept)
	do(t, src, "ANALYZE")
	binary := withSeededFaults(t)
	sameName := func(a, b seededFault) bool { return a.name == b.name }
	for _, f := range slices.CompactFunc(append([]seededFault{{}}, seededFaults()...), sameName) {
		t.Run(strings.ReplaceAll(f.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, src, newDatabaseURL(t, srv, "staging")).rules(t, manyKeptRules)
			s.flow["verify"], s.binary = "strict", binary
			if f.name == "" {
				s.verified(t, exitDone)
				return
			}
			s.env = append(s.env, "SEEDED_FAULT="+f.name)
			got := reported(s.verified(t, exitUnverified))
			t.Logf("%q", got)
			for _, forms := range got {
				if slices.ContainsFunc(forms, func(s string) bool { return strings.HasPrefix(s, "blind") || strings.HasPrefix(s, "differs") }) {
					return
				}
			}
			t.Error("the fault is not noticed as such")
		})
	}
}

// withSeededFaults builds masker with all seeded faults. The environment variable SEEDED_FAULT
// names the only fault that is active in a process.
func withSeededFaults(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	changed := map[string]string{} // text of each file, by its path
	for _, f := range seededFaults() {
		path, err := filepath.Abs(filepath.Join("..", f.file))
		if err != nil {
			t.Fatal(err)
		}
		text, ok := changed[path]
		if !ok {
			code, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text = string(code)
		}
		if strings.Count(text, f.old) != 1 {
			t.Fatalf("%s has the text %d times, want once: %s", f.file, strings.Count(text, f.old), f.old)
		}
		changed[path] = strings.Replace(text, f.old, strings.ReplaceAll(f.now, "SEEDED", fmt.Sprintf("(seeded == %q)", f.name)), 1)
		changed[filepath.Join(filepath.Dir(path), "seeded.go")] = "package " + filepath.Base(filepath.Dir(path)) + "\nimport \"os\"\nvar seeded = os.Getenv(\"SEEDED_FAULT\")\n"
	}
	replace := map[string]string{}
	for path, text := range changed {
		replace[path] = filepath.Join(dir, fmt.Sprintf("%d.go", len(replace)))
		if err := os.WriteFile(replace[path], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	name, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "masker")
	if err := os.WriteFile(name, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append(append([]string{"build"}, raceFlags...), "-overlay", name, "-o", binary, "../cmd/masker")
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}
