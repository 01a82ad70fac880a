package structured

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// redactInvalid makes a treatment of JSON documents redact the texts that are not JSON.
func redactInvalid(c transform.Column, b treatment.Blueprint) treatment.Blueprint {
	build, redacted := b.Build, literal.RedactedOf(c.Type)
	b.Build = func(k transform.Keys) transform.Transform { return &redacting{to: build(k), redacted: redacted} }
	return b
}

// redacting redacts a value that is not JSON. It looks only at values that the treatment of documents refused, and passes on the
// error of a value that is JSON: a path that no rule lists must not become a redacted value.
type redacting struct {
	to       transform.Transform
	redacted string
}

func (t *redacting) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	start := len(dst)
	out, null, err := t.to.Append(dst, in, row)
	switch {
	case err == nil || document.ReadsJSON(in.Text):
		return out, null, err
	case len(in.Text) == 0:
		return out[:start], false, nil
	}
	return append(out[:start], t.redacted...), false, nil
}
