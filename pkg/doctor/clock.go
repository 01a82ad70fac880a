package doctor

import "time"

// The clock decides which approvals and waivers are valid, and dates every record of the ledger.
const (
	clockWarns = time.Minute
	clockStops = 5 * time.Minute
)

// Clock holds a server's clock against ours.
func (s *Sheet) Clock(area string, offset time.Duration) {
	const fix = "let both keep time from the same source (chrony, systemd-timesyncd)"
	way, by := "ahead of", offset.Round(time.Second)
	if offset < 0 {
		way, by = "behind", -by
	}
	switch {
	case by > clockStops:
		s.Problem(area, fix, "its clock is %s %s ours: approvals expire and records are dated wrongly", by, way)
	case by > clockWarns:
		s.Warn(area, fix, "its clock is %s %s ours", by, way)
	default:
		s.OK(area, "its clock agrees with ours within a minute")
	}
}
