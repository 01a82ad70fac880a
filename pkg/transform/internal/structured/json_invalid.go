package structured

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/document"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// redactInvalid makes a treatment of JSON documents redact the texts that are not JSON.
func redactInvalid(c transform.Column, u transform.Use, b treatment.Blueprint) treatment.Blueprint {
	build, redacted := b.Build, literal.RedactedOf(c.Type)
	b.Build = func(k transform.Keys) transform.Transform {
		return &redacting{to: build(k), redacted: redacted, leaf: treatment.Seen(c, u, b.Traits)}
	}
	return b
}

// redacting redacts a value that is not JSON. It looks only at values that the treatment of documents refused. If the
// value is JSON, redacting returns the error, because a value at a path that no rule lists must stop the refresh.
type redacting struct {
	to       transform.Transform
	redacted string
	leaf     transform.Leaf // sees the values that are not JSON; nil for none. Other leaves saw what could be read of such a value
}

func (t *redacting) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	start := len(dst)
	out, null, err := t.to.Append(dst, in, row)
	switch {
	case err == nil || document.ReadsJSON(in.Text):
		return out, null, err
	case len(in.Text) > 0:
		out = append(out[:start], t.redacted...)
	default:
		out = out[:start]
	}
	if t.leaf != nil {
		t.leaf.See(in.Bytes(), transform.Cell{Text: out[start:]}.Bytes())
	}
	return out, false, nil
}
