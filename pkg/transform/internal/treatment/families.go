package treatment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// NumericFamilies lists the families of numbers.
func NumericFamilies() []catalog.Family {
	return []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float}
}

// TimeFamilies lists the families of dates and timestamps.
func TimeFamilies() []catalog.Family {
	return []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ}
}

// InfinityParam returns the parameter that says what a treatment of dates does with infinities.
func InfinityParam() transform.Param {
	return transform.Param{Name: "infinity", Type: "stop|keep", Default: "stop", Doc: "stop the refresh at infinity and -infinity, or keep them"}
}
