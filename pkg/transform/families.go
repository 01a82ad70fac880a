package transform

import (
	"github.com/masker-project/masker/pkg/catalog"
)

func numericFamilies() []catalog.Family {
	return []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float}
}

func timeFamilies() []catalog.Family {
	return []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ}
}

func infinityParam() Param {
	return Param{Name: "infinity", Type: "stop|keep", Default: "stop", Doc: "what becomes of infinity and -infinity"}
}
