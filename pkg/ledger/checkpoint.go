package ledger

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is what the ledger's key vouches for: so many records, and the root of the
// tree over them. Whoever keeps one can tell later whether the ledger was changed since.
type Checkpoint struct {
	Size int64    // records
	Root [32]byte // of their RFC 6962 tree
	Note string   // the signed note, in the form of C2SP's tlog-checkpoint

	first int64 // sequence number of the active file's first record
	bytes int64 // of acknowledged records in the active file
}

// activeLine begins the extension line that lets the ledger be opened without reading it.
const activeLine = "active "

// ParseCheckpoint reads a checkpoint and checks its signature against the ledger's verifier key.
func ParseCheckpoint(text, vkey string) (Checkpoint, error) {
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: not a verifier key (masker ledger key prints it): %w", err)
	}
	return openCheckpoint(text, v)
}

func openCheckpoint(text string, v note.Verifier) (Checkpoint, error) {
	n, err := note.Open([]byte(text), note.VerifierList(v))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: the checkpoint is not signed by the key %s: %w", v.Name(), err)
	}
	c, origin, err := parseBody(n.Text)
	switch {
	case err != nil:
		return Checkpoint{}, err
	case !slices.ContainsFunc(n.Sigs, canonical):
		return Checkpoint{}, fmt.Errorf("ledger: the signature of %s is not written as it was made", v.Name())
	case origin != v.Name():
		return Checkpoint{}, fmt.Errorf("ledger: the checkpoint is of the ledger %q, the key of %q", origin, v.Name())
	}
	c.Note = text
	return c, nil
}

// canonical says whether a signature is the one text of its bytes: base64 has bits to spare at its end.
func canonical(s note.Signature) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
	return err == nil
}

// unsigned reads a checkpoint whose signature somebody else checks, or nobody can.
func unsigned(text string) (Checkpoint, error) {
	body, _, found := strings.Cut(text, "\n\n")
	if !found {
		return Checkpoint{}, errCheckpoint
	}
	c, _, err := parseBody(body + "\n")
	c.Note = text
	return c, err
}

var errCheckpoint = errors.New("ledger: not a checkpoint of a masker ledger")

// parseBody reads origin, size, root and our extension line; extensions of others are passed over.
func parseBody(text string) (c Checkpoint, origin string, err error) {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if len(lines) < 4 {
		return c, "", errCheckpoint
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return c, "", errCheckpoint
	}
	copy(c.Root[:], root)
	first, size, found := strings.Cut(strings.TrimPrefix(lines[3], activeLine), " ")
	if !found || !strings.HasPrefix(lines[3], activeLine) {
		return c, "", errCheckpoint
	}
	for to, digits := range map[*int64]string{&c.Size: lines[1], &c.first: first, &c.bytes: size} {
		n, err := strconv.ParseInt(digits, 10, 63)
		if err != nil || n < 0 || strconv.FormatInt(n, 10) != digits {
			return c, "", errCheckpoint
		}
		*to = n
	}
	if c.first < 1 || c.first > c.Size+1 || (c.first == c.Size+1) != (c.bytes == 0) {
		return c, "", errCheckpoint
	}
	return c, lines[0], nil
}

// sign gives a checkpoint its note.
func (c *Checkpoint) sign(k *signer) error {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%d %d\n", k.Name(), c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), activeLine, c.first, c.bytes)
	signed, err := note.Sign(&note.Note{Text: text}, k)
	if err != nil {
		return fmt.Errorf("ledger: cannot sign a checkpoint: %w", err)
	}
	c.Note = string(signed)
	return nil
}
