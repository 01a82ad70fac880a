package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

func constantSpec() *definition {
	return &definition{
		Spec: Spec{
			Name:    "constant",
			Summary: "replaces every value by one you state",
			Doc: "The value is checked against the column's type and length when the plan is made. NULL stays NULL. " +
				"On an array every element becomes the value.",
			Params:    []Param{{Name: "value", Type: "value", Required: true, Doc: "what every value becomes, as the column's type writes it"}},
			Families:  everyScalarFamily(),
			Discloses: Suppressed,
			Examples: []Example{
				{Type: textType(0), Use: Use{Treatment: "constant", Params: Params{"value": "n/a"}}, In: "secret", Out: "n/a"},
				{
					Type: catalog.Type{Name: "date", Base: "date", Family: catalog.Date},
					Use:  Use{Treatment: "constant", Params: Params{"value": "2000-01-01"}}, In: "1984-02-29", Out: "2000-01-01",
				},
			},
		},
		scalar: func(c Column, _ Use, a *args) (scalarPlan, error) {
			text, err := constantText(c.Type, a.value("value"))
			if err != nil {
				return scalarPlan{}, &ParamError{"value", err.Error()}
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
	}, oddFamilies()...)
}
