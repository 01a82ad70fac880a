package movement

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/sides"
)

// makeTemplate copies the shadow into a template for branches, if the flow asks for one. If that fails, the run goes on
// without a template, and checkTemplate returns the reason after publishing. The run ends only in two cases: it was
// cancelled, or it is not known what the server did.
func (r *run) makeTemplate(ctx context.Context) error {
	if !r.Template {
		return nil
	}
	r.Report.Phase("template")
	shadow, ok := r.shadow.(TemplateShadow)
	if !ok {
		r.noTemplate = errors.New("this kind of target has no templates")
		return nil
	}
	err := shadow.Template(ctx)
	if err != nil && (ctx.Err() != nil || errors.Is(err, sides.ErrUnsure)) {
		return err
	}
	r.noTemplate = err
	r.Fault("template")
	return nil
}

// checkTemplate is called after publishing. It puts the name of the template into the summary. If the flow asks for a
// template and there is none, checkTemplate returns the reason.
func (r *run) checkTemplate() error {
	shadow, ok := r.shadow.(TemplateShadow)
	if ok && r.noTemplate == nil {
		r.summary.Template, r.noTemplate = shadow.Templated()
	}
	if r.noTemplate == nil {
		return nil
	}
	return fmt.Errorf("there is no template for branches: %w", r.noTemplate)
}

// noteDropped reports a database that was dropped after publishing.
func (r *run) noteDropped(name string) {
	text := "dropped " + name + ", replaced by a refresh"
	if given, err := provenance.TemplateName(r.target.Name()); err == nil && name == given {
		text = "dropped the template " + name + ", which is not of this run; branches keep their rows"
		r.summary.Notes = append(r.summary.Notes, text)
	}
	r.Report.Note(text)
}

// noteTemplate notes for masker check what is wrong with the template of the target. A run makes the template again.
func (r *run) noteTemplate(ctx context.Context) error {
	t, ok := r.target.(TemplateTarget)
	if !ok || !r.checkOnly {
		return nil
	}
	problem, err := t.TemplateProblem(ctx)
	if problem != "" {
		r.Note(review.AboutTarget, problem)
	}
	return err
}
