package plain

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// Constant returns the treatment constant.
func Constant() *treatment.Definition {
	return &treatment.Definition{
		Spec: transform.Spec{
			Name:    "constant",
			Summary: "replaces every value by one value that you state",
			Doc: "The plan checks the value against the column's type and length. NULL stays NULL. " +
				"In an array, every element becomes the value.",
			Params:    []transform.Param{{Name: "value", Type: "value", Tells: transform.Neither, Required: true, Doc: "the new value, in the form of the column's type"}},
			Families:  everyScalarFamily(),
			Discloses: transform.Suppressed,
			Learns:    "They learn only which rows had a value. In an array, they also see the number of elements.",
			Examples: []transform.Example{
				{Type: treatment.TextType(0), Use: transform.Use{Treatment: "constant", Params: transform.Params{"value": "n/a"}}, In: "secret", Out: "n/a"},
				{
					Type: catalog.Type{Name: "date", Base: "date", Family: catalog.Date},
					Use:  transform.Use{Treatment: "constant", Params: transform.Params{"value": "2000-01-01"}}, In: "1984-02-29", Out: "2000-01-01",
				},
			},
		},
		Scalar: func(c transform.Column, _ transform.Use, a *treatment.Args) (treatment.ScalarPlan, error) {
			text, err := literal.Of(c.Type, a.Value("value"))
			if err != nil {
				return treatment.ScalarPlan{}, &transform.ParamError{Param: "value", Text: err.Error()}
			}
			return fixedPlan(text), nil
		},
	}
}

func everyScalarFamily() []catalog.Family {
	return append([]catalog.Family{
		catalog.Text, catalog.Integer, catalog.Numeric, catalog.Float, catalog.Boolean, catalog.UUID, catalog.Date,
		catalog.Timestamp, catalog.TimestampTZ, catalog.JSON, catalog.Bytes, catalog.Inet, catalog.Enum,
		catalog.Other,
	}, literal.OtherFamilies()...)
}
