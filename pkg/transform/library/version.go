package library

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/transform/internal/canon"
	"github.com/masker-project/masker/pkg/transform/internal/fake"
	"github.com/masker-project/masker/pkg/transform/internal/locale"
)

// Version identifies the parts of this program that decide a result: the canonical forms, the
// algorithms and the dictionaries. The plan's digest includes it.
func Version() string {
	h := sha256.New()
	for _, list := range fake.Dictionaries() {
		fmt.Fprintf(h, "%d\n%s\n", len(list), strings.Join(list, "\n"))
	}
	for _, l := range locale.All() {
		l.Fingerprint(h)
	}
	return fmt.Sprintf("library %d, canonical forms %d, dictionaries %s", libraryVersion, canon.Version, hex.EncodeToString(h.Sum(nil)[:8]))
}

// libraryVersion must change if a treatment gives another result for the same key, parameters and value.
const libraryVersion = 5
