package treatment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// NumericFamilies are the families of numbers.
func NumericFamilies() []catalog.Family {
	return []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float}
}

// TimeFamilies are those of dates and timestamps.
func TimeFamilies() []catalog.Family {
	return []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ}
}

// InfinityParam is the parameter of treatments of dates that says what becomes of infinities.
func InfinityParam() transform.Param {
	return transform.Param{Name: "infinity", Type: "stop|keep", Default: "stop", Doc: "what becomes of infinity and -infinity"}
}
