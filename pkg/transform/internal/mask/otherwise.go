package mask

import (
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// otherwise says what happens to a value that a treatment cannot treat. The value stops the refresh, or becomes the
// text.
type otherwise struct {
	stop bool
	text string // [redacted], or the default of map
}

func otherwiseParam(what string) transform.Param {
	return transform.Param{Name: "otherwise", Type: "stop|redact", Tells: transform.Neither, Default: "stop", Doc: "stop the refresh at " + what + ", or redact it"}
}

func readOtherwise(c transform.Column, a *treatment.Args) otherwise {
	return otherwise{stop: a.Word("otherwise", "stop", "redact") == "stop", text: literal.RedactedOf(c.Type)}
}

// append appends the result for the value in. An empty value stays empty.
func (o *otherwise) append(dst, in []byte, stop func() error) ([]byte, error) {
	if o.stop && len(in) > 0 {
		return dst, stop()
	}
	if len(in) == 0 {
		return dst, nil
	}
	return append(dst, o.text...), nil
}
