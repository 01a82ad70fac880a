package treatment

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

func NumericFamilies() []catalog.Family {
	return []catalog.Family{catalog.Integer, catalog.Numeric, catalog.Float}
}

func TimeFamilies() []catalog.Family {
	return []catalog.Family{catalog.Date, catalog.Timestamp, catalog.TimestampTZ}
}

func InfinityParam() transform.Param {
	return transform.Param{Name: "infinity", Type: "stop|keep", Default: "stop", Doc: "what becomes of infinity and -infinity"}
}
