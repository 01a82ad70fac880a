package treatment

import "github.com/masker-project/masker/pkg/catalog"

// NumericFamilies lists the type families of numbers.
func NumericFamilies() []catalog.Family {
	return []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float}
}

// TimeFamilies lists the type families of dates and timestamps.
func TimeFamilies() []catalog.Family {
	return []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ}
}
