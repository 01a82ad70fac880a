package wire

import (
	"bytes"
	"math"
)

func encodeDate(dst, text []byte) ([]byte, error) {
	switch string(text) {
	case "infinity":
		return appendUint32(dst, math.MaxInt32), nil
	case "-infinity":
		return appendUint32(dst, 1<<31), nil
	}
	text, bc := bytes.CutSuffix(text, []byte(" BC"))
	days, rest, err := parseDay(text, bc)
	if err != nil {
		return dst, err
	}
	if len(rest) > 0 {
		return dst, ErrSyntax
	}
	if days < minDate || days >= endDate {
		return dst, ErrRange
	}
	return appendUint32(dst, uint32(int32(days))), nil
}

func encodeTimestamp(dst, text []byte) ([]byte, error) { return encodeMoment(dst, text, false) }

func encodeTimestampTZ(dst, text []byte) ([]byte, error) { return encodeMoment(dst, text, true) }

// encodeMoment reads the text that PostgreSQL prints. It also accepts a T between day and clock, and a day alone. For
// timestamptz it accepts Z or a numeric offset. A missing offset means UTC, the time zone of masker's sessions.
func encodeMoment(dst, text []byte, zoned bool) ([]byte, error) {
	switch string(text) {
	case "infinity":
		return appendUint64(dst, math.MaxInt64), nil
	case "-infinity":
		return appendUint64(dst, 1<<63), nil
	}
	text, bc := bytes.CutSuffix(text, []byte(" BC"))
	days, rest, err := parseDay(text, bc)
	if err != nil {
		return dst, err
	}
	var clock, offset int64
	if len(rest) > 0 {
		if rest[0] != ' ' && rest[0] != 'T' {
			return dst, ErrSyntax
		}
		if clock, rest, err = parseClock(rest[1:]); err != nil {
			return dst, err
		}
	}
	if len(rest) > 0 {
		if !zoned {
			return dst, ErrSyntax
		}
		if offset, err = parseOffset(rest); err != nil {
			return dst, err
		}
	}
	if days < minDate-1 || days > endTimestamp/microsPerDay+1 {
		return dst, ErrRange
	}
	return appendMoment(dst, days, clock-offset)
}

func appendMoment(dst []byte, days, micros int64) ([]byte, error) {
	if micros > 0 && days*microsPerDay > math.MaxInt64-micros {
		return dst, ErrRange
	}
	moment := days*microsPerDay + micros
	if moment < minTimestamp || moment >= endTimestamp {
		return dst, ErrRange
	}
	return appendUint64(dst, uint64(moment)), nil
}

// parseDay reads YYYY-MM-DD. The year has four to seven digits.
func parseDay(text []byte, bc bool) (days int64, rest []byte, err error) {
	digits, rest := cutDigits(text)
	if len(digits) < 4 || len(digits) > 7 || len(rest) < 6 || rest[0] != '-' || rest[3] != '-' {
		return 0, nil, ErrSyntax
	}
	year, err := parseInt(digits)
	if err != nil {
		return 0, nil, err
	}
	month, ok1 := parse2(rest[1:])
	day, ok2 := parse2(rest[4:])
	if !ok1 || !ok2 {
		return 0, nil, ErrSyntax
	}
	if year == 0 { // there is no year 0
		return 0, nil, ErrRange
	}
	if bc {
		year = 1 - year
	}
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, nil, ErrRange
	}
	return dayOf(year, month, day), rest[6:], nil
}

func daysIn(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

func parse2(s []byte) (int64, bool) {
	if len(s) < 2 || s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	return int64(s[0]-'0')*10 + int64(s[1]-'0'), true
}

// parseClock reads HH:MM, optionally :SS, and a fraction of up to six digits. It returns microseconds.
func parseClock(s []byte) (micros int64, rest []byte, err error) {
	hours, ok := parse2(s)
	if !ok || len(s) < 5 || s[2] != ':' {
		return 0, nil, ErrSyntax
	}
	minutes, ok := parse2(s[3:])
	if !ok {
		return 0, nil, ErrSyntax
	}
	seconds, rest := int64(0), s[5:]
	if len(rest) > 0 && rest[0] == ':' {
		if seconds, ok = parse2(rest[1:]); !ok {
			return 0, nil, ErrSyntax
		}
		rest = rest[3:]
	}
	if hours > 23 || minutes > 59 || seconds > 59 {
		return 0, nil, ErrRange
	}
	micros = ((hours*60+minutes)*60 + seconds) * 1000000
	if len(rest) > 0 && rest[0] == '.' {
		fraction, tail := cutDigits(rest[1:])
		if len(fraction) == 0 || len(fraction) > 6 {
			return 0, nil, ErrSyntax
		}
		unit := int64(100000)
		for _, c := range fraction {
			micros += int64(c-'0') * unit
			unit /= 10
		}
		rest = tail
	}
	return micros, rest, nil
}

// parseOffset reads Z, ±HH, ±HH:MM or ±HH:MM:SS. The colons may be missing. It returns microseconds east of UTC.
func parseOffset(s []byte) (int64, error) {
	if string(s) == "Z" {
		return 0, nil
	}
	sign := int64(1)
	switch s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		return 0, ErrSyntax
	}
	var total int64
	unit := int64(microsPerHour)
	for s = s[1:]; ; s = s[2:] {
		v, ok := parse2(s)
		if !ok || unit < 1000000 || v > 59 {
			return 0, ErrSyntax
		}
		total += v * unit
		unit /= 60
		if len(s) == 2 {
			break
		}
		if s[2] == ':' {
			s = s[1:]
		}
	}
	if total >= 16*microsPerHour { // the limit MAX_TZDISP_HOUR of PostgreSQL
		return 0, ErrRange
	}
	return sign * total, nil
}
