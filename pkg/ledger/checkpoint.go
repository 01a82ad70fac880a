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

// Checkpoint is the ledger's signed size and root hash. Somebody who keeps a checkpoint can find out later whether the
// records that it covers were changed.
type Checkpoint struct {
	Size int64    // number of records
	Root [32]byte // root hash of the RFC 6962 tree over the records
	Note string   // the signed text, in the form of C2SP's tlog-checkpoint

	first int64 // sequence number of the first record in the active file
	bytes int64 // number of bytes in the active file that the checkpoint covers
}

// activeLine is the prefix of masker's extension line. The line holds the first sequence number and the size of the
// active file. With this line, masker can open a ledger without reading the whole log.
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
		return Checkpoint{}, fmt.Errorf("ledger: the signature of %s does not have the form in which it was written", v.Name())
	case origin != v.Name():
		return Checkpoint{}, fmt.Errorf("ledger: the checkpoint belongs to the ledger %q, and the key to %q", origin, v.Name())
	}
	c.Note = text
	return c, nil
}

// canonical reports whether a signature has the one valid base64 text of its bytes. Without this check, somebody could
// change the unused bits at the end of the text, and nobody would notice.
func canonical(s note.Signature) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(s.Base64)
	return err == nil
}

// unsigned reads a checkpoint without checking its signature.
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

// parseBody reads origin, size, root and masker's extension line. It ignores further extension lines.
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

// sign signs the checkpoint and sets its Note.
func (c *Checkpoint) sign(k *signer) error {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%d %d\n", k.Name(), c.Size, base64.StdEncoding.EncodeToString(c.Root[:]), activeLine, c.first, c.bytes)
	signed, err := note.Sign(&note.Note{Text: text}, k)
	if err != nil {
		return fmt.Errorf("ledger: cannot sign a checkpoint: %w", err)
	}
	c.Note = string(signed)
	return nil
}
