package wire

import (
	"encoding/binary"
	"math"
)

// Dates count days, and timestamps count microseconds, from 2000-01-01 in the proleptic Gregorian calendar. The limits
// are the same as in PostgreSQL (datatype/timestamp.h). The lowest date is Julian day 0.
const (
	epochDays     = 10957 // days from 1970-01-01 to 2000-01-01
	minDate       = -2451545
	endDate       = 2147483494 - 2451545
	minTimestamp  = -211813488000000000
	endTimestamp  = 9223371331200000000
	microsPerDay  = 24 * 60 * 60 * 1000000
	microsPerHour = 60 * 60 * 1000000
)

func decodeDate(dst, bin []byte) ([]byte, error) {
	if len(bin) != 4 {
		return dst, ErrSize
	}
	days := int64(int32(binary.BigEndian.Uint32(bin)))
	switch {
	case days == math.MaxInt32:
		return append(dst, "infinity"...), nil
	case days == math.MinInt32:
		return append(dst, "-infinity"...), nil
	case days < minDate || days >= endDate:
		return dst, ErrRange
	}
	dst, bc := appendDay(dst, days)
	return appendEra(dst, bc), nil
}

func decodeTimestamp(dst, bin []byte) ([]byte, error) { return appendTimestamp(dst, bin, "") }

func decodeTimestampTZ(dst, bin []byte) ([]byte, error) { return appendTimestamp(dst, bin, "+00") }

func appendTimestamp(dst, bin []byte, zone string) ([]byte, error) {
	if len(bin) != 8 {
		return dst, ErrSize
	}
	micros := int64(binary.BigEndian.Uint64(bin))
	switch {
	case micros == math.MaxInt64:
		return append(dst, "infinity"...), nil
	case micros == math.MinInt64:
		return append(dst, "-infinity"...), nil
	case micros < minTimestamp || micros >= endTimestamp:
		return dst, ErrRange
	}
	days, rest := micros/microsPerDay, micros%microsPerDay
	if rest < 0 {
		days, rest = days-1, rest+microsPerDay
	}
	dst, bc := appendDay(dst, days)
	dst = appendClock(append(dst, ' '), rest)
	return appendEra(append(dst, zone...), bc), nil
}

func appendEra(dst []byte, bc bool) []byte {
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// appendDay appends YYYY-MM-DD. In the calculation, year 0 is 1 BC.
func appendDay(dst []byte, days int64) (_ []byte, bc bool) {
	year, month, day := civil(days)
	if year <= 0 {
		year, bc = 1-year, true
	}
	switch {
	case year < 10000:
		dst = append2(append2(dst, year/100), year%100)
	default:
		dst = appendDigits(dst, year)
	}
	dst = append2(append(dst, '-'), month)
	return append2(append(dst, '-'), day), bc
}

func appendClock(dst []byte, micros int64) []byte {
	seconds, fraction := micros/1000000, micros%1000000
	dst = append2(dst, seconds/3600)
	dst = append2(append(dst, ':'), seconds/60%60)
	dst = append2(append(dst, ':'), seconds%60)
	if fraction == 0 {
		return dst
	}
	dst = append(dst, '.')
	for unit := int64(100000); fraction > 0; unit /= 10 {
		dst = append(dst, '0'+byte(fraction/unit))
		fraction %= unit
	}
	return dst
}

func append2(dst []byte, v int64) []byte { return append(dst, '0'+byte(v/10), '0'+byte(v%10)) }

func appendDigits(dst []byte, v int64) []byte {
	if v >= 10 {
		dst = appendDigits(dst, v/10)
	}
	return append(dst, '0'+byte(v%10))
}

// The algorithms of civil and dayOf are from Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms". Years begin
// in March. An era is 400 years, or 146,097 days.
func civil(days int64) (year, month, day int64) {
	z := days + epochDays + 719468
	era := z / 146097
	if z%146097 < 0 {
		era--
	}
	doe := z - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day = doy - (153*mp+2)/5 + 1
	month = mp + 3
	if month > 12 {
		month -= 12
	}
	year = yoe + era*400
	if month <= 2 {
		year++
	}
	return year, month, day
}

func dayOf(year, month, day int64) int64 {
	if month <= 2 {
		year--
	}
	era := year / 400
	if year%400 < 0 {
		era--
	}
	yoe := year - era*400
	mp := (month + 9) % 12
	doy := (153*mp+2)/5 + day - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return era*146097 + doe - 719468 - epochDays
}
