package settings

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseSize reads a size such as "64MB" and returns bytes. "" is 0, which stands for the default.
func ParseSize(s string) (int64, error) {
	if s == "" {
		return 0, nil
	}
	text, unit := strings.ToUpper(strings.TrimSpace(s)), int64(1)
	for _, u := range []struct {
		suffix string
		bytes  int64
	}{{"KB", 1 << 10}, {"MB", 1 << 20}, {"GB", 1 << 30}, {"B", 1}} {
		if rest, ok := strings.CutSuffix(text, u.suffix); ok {
			text, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n <= 0 || n > (1<<40)/unit {
		return 0, fmt.Errorf("want a size such as 64MB or 1GB")
	}
	return n * unit, nil
}
