package mask

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// otherwise is what becomes of a value that a treatment cannot take: the run stops, or the value is redacted.
type otherwise struct {
	stop bool
	text string // of the redacted value
}

func otherwiseParam(what string) transform.Param {
	return transform.Param{Name: "otherwise", Type: "stop|redact", Default: "stop", Doc: "what becomes of " + what}
}

func readOtherwise(c transform.Column, a *treatment.Args) otherwise {
	return otherwise{stop: a.Word("otherwise", "stop", "redact") == "stop", text: literal.RedactedOf(c.Type)}
}

func (o *otherwise) append(dst, in []byte, stop func() error) ([]byte, error) {
	if o.stop && len(in) > 0 {
		return dst, stop()
	}
	if len(in) == 0 {
		return dst, nil
	}
	return append(dst, o.text...), nil
}
