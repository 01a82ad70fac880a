package doctor

import "time"

// The differences of clocks from which a finding is a warning or a problem. The clock decides which approvals and waivers
// are valid, and dates every event of the ledger.
const (
	clockWarns = time.Minute
	clockStops = 5 * time.Minute
)

// Clock compares a server's clock with the clock of this machine. offset is the server's clock minus this machine's.
func (s *Sheet) Clock(area string, offset time.Duration) {
	const fix = "synchronize both clocks with the same time source (chrony, systemd-timesyncd)"
	way, by := "ahead of", offset.Round(time.Second)
	if offset < 0 {
		way, by = "behind", -by
	}
	switch {
	case by > clockStops:
		s.Problem(area, fix, "the server's clock is %s %s the clock of this machine: approvals expire at a wrong time, and the ledger has wrong dates", by, way)
	case by > clockWarns:
		s.Warn(area, fix, "the server's clock is %s %s the clock of this machine", by, way)
	default:
		s.OK(area, "the server's clock and the clock of this machine agree within a minute")
	}
}
