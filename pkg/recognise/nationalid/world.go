package nationalid

import "strings"

// americas lists the numbers of American countries.
func americas() []Country {
	return []Country{
		{"AR", "CUIT, CUIL", 0.05 / 11, []string{"nnnnnnnnnnn"}, func(id string) bool {
			check := (11 - weigh(id, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
			return strings.Contains("20 23 24 27 30 33 34", id[:2]) && check == value(id[10])
		}},
		{"BR", "CPF", 0.01, []string{"nnnnnnnnnnn"}, func(id string) bool {
			first := weigh(id, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
			second := weigh(id, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
			return !repeated(id) && first == value(id[9]) && second == value(id[10])
		}},
		{"CA", "social insurance number", 0.08, []string{"nnnnnnnnn"}, func(id string) bool {
			return id[0] != '0' && id[0] != '8' && luhn(id)
		}},
		{"CL", "RUT", 1.0 / 11, []string{"nnnnnnnc", "nnnnnnnnc"}, func(id string) bool {
			sum, last := 0, len(id)-1
			for i := range last {
				sum += value(id[last-1-i]) * (2 + i%6)
			}
			return "0K987654321"[sum%11] == id[last]
		}},
		{"MX", "CURP", dateChance * 2 / 26 / 10, []string{"aaaannnnnnaaaaaacn"}, func(id string) bool {
			return (id[10] == 'H' || id[10] == 'M' || id[10] == 'X') && date(number(id[6:8]), number(id[8:10])) && curpDigit(id) == value(id[17])
		}},
		{"US", "social security number", 0.9 * 0.99, []string{"nnnnnnnnn"}, func(id string) bool {
			return id[:3] != "000" && id[:3] != "666" && id[0] != '9' && id[3:5] != "00" && id[5:] != "0000"
		}},
	}
}

// others lists the numbers of Asia, Africa and Oceania.
func others() []Country {
	return []Country{
		{"AU", "tax file number", 1.0 / 11, []string{"nnnnnnnnn"}, func(id string) bool {
			return !repeated(id) && weigh(id, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0
		}},
		{"CN", "resident identity card", 0.01 * dateChance, []string{"nnnnnnnnnnnnnnnnnc"}, func(id string) bool {
			sum := weigh(id, 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
			return (id[6:8] == "19" || id[6:8] == "20") && date(number(id[10:12]), number(id[12:14])) && "10X98765432"[sum%11] == id[17]
		}},
		{"IL", "Teudat Zehut", 0.1, []string{"nnnnnnnnn"}, func(id string) bool { return !repeated(id) && luhn(id) }},
		{"IN", "Aadhaar", 0.08, []string{"nnnnnnnnnnnn"}, func(id string) bool { return id[0] >= '2' && verhoeff(id) }},
		{"IN", "PAN", 10.0 / 26, []string{"aaaaannnna"}, func(id string) bool { return strings.Contains("ABCFGHJLPT", id[3:4]) }},
		{"JP", "My Number", 0.1, []string{"nnnnnnnnnnnn"}, func(id string) bool {
			rest := weigh(id, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
			return !repeated(id) && (rest <= 1 && id[11] == '0' || rest > 1 && 11-rest == value(id[11]))
		}},
		{"KR", "resident registration number", dateChance * 0.8 / 10, []string{"nnnnnnnnnnnnn"}, func(id string) bool {
			check := (11 - weigh(id, 2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)%11) % 10
			return date(number(id[2:4]), number(id[4:6])) && '1' <= id[6] && id[6] <= '8' && check == value(id[12])
		}},
		{"SG", "NRIC, FIN", 1.0 / 11, []string{"Snnnnnnna", "Tnnnnnnna", "Fnnnnnnna", "Gnnnnnnna"}, func(id string) bool {
			sum := weigh(id[1:], 2, 7, 6, 5, 4, 3, 2)
			letters := "JZIHGFEDCBA"
			if id[0] == 'F' || id[0] == 'G' {
				letters = "XWUTRQPNMLK"
			}
			if id[0] == 'T' || id[0] == 'G' {
				sum += 4
			}
			return letters[sum%11] == id[8]
		}},
		{"TR", "T.C. kimlik numarası", 0.01, []string{"nnnnnnnnnnn"}, func(id string) bool {
			odd, even := weigh(id, 1, 0, 1, 0, 1, 0, 1, 0, 1), weigh(id, 0, 1, 0, 1, 0, 1, 0, 1)
			tenth := ((odd*7-even)%10 + 10) % 10
			return id[0] != '0' && tenth == value(id[9]) && (odd+even+tenth)%10 == value(id[10])
		}},
		{"TW", "national identification card", 0.02, []string{"annnnnnnnn"}, func(id string) bool {
			n := strings.IndexByte("ABCDEFGHJKLMNPQRSTUVXYWZIO", id[0]) + 10
			return (id[1] == '1' || id[1] == '2') && (n/10+n%10*9+weigh(id[1:], 8, 7, 6, 5, 4, 3, 2, 1, 1))%10 == 0
		}},
		{"ZA", "identity number", dateChance * 0.2 / 10, []string{"nnnnnnnnnnnnn"}, func(id string) bool {
			return date(number(id[2:4]), number(id[4:6])) && id[10] <= '1' && luhn(id)
		}},
	}
}

// curpDigit returns the check digit of a Mexican CURP. The letter Ñ stands between N and O, so letters from O on count
// one more.
func curpDigit(id string) int {
	sum := 0
	for i := range 17 {
		v := value(id[i])
		if id[i] >= 'O' {
			v++
		}
		sum += v * (18 - i)
	}
	return (10 - sum%10) % 10
}

// verhoeff reports whether the last digit is the check digit of Verhoeff's method, which uses the group of the
// symmetries of a pentagon.
func verhoeff(id string) bool {
	permuted := [...]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
	sum := 0
	for i := range len(id) {
		d := int(permuted[i%8][id[len(id)-1-i]-'0'] - '0')
		switch a, b := sum%5, d%5; { // a number below 5 turns the pentagon, and a number from 5 on turns it over
		case sum < 5 && d < 5:
			sum = (a + b) % 5
		case sum < 5:
			sum = 5 + (a+b)%5
		case d < 5:
			sum = 5 + (a-b+5)%5
		default:
			sum = (a - b + 5) % 5
		}
	}
	return sum == 0
}
