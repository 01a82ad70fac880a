package decimal

// AppendDigits appends v with at least width digits.
func AppendDigits(dst []byte, v int64, width int) []byte {
	for limit := int64(10); width > 1; width-- {
		if v < limit {
			for range width - 1 {
				dst = append(dst, '0')
			}
			break
		}
		limit *= 10
	}
	return AppendInt(dst, v)
}
