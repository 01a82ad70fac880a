package nationalid

import "strings"

// The chance of a birth date: the share of four random digits that are a month and a day.
const dateChance = 366.0 / 10000

// western lists the numbers of western and southern Europe. The forms and checks are those that the issuers describe.
func western() []Country {
	return []Country{
		{"AT", "Sozialversicherungsnummer", dateChance / 11, []string{"nnnnnnnnnn"}, func(id string) bool {
			return id[0] != '0' && date(number(id[6:8]), number(id[4:6])) && weigh(id, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6)%11 == value(id[3])
		}},
		{"BE", "Rijksregisternummer", dateChance / 97 * 2, []string{"nnnnnnnnnnn"}, func(id string) bool {
			check := number(id[9:])
			return date(number(id[2:4]), number(id[4:6])) && (check == 97-remainder(id[:9], 97) || check == 97-remainder("2"+id[:9], 97))
		}},
		{"CH", "AHV-Nummer", 1e-4, []string{"756nnnnnnnnnn"}, func(id string) bool {
			return (10-weigh(id, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)%10)%10 == value(id[12])
		}},
		{"DE", "Steuer-Identifikationsnummer", 0.02, []string{"nnnnnnnnnnn"}, steuerID},
		{"ES", "DNI, NIE", 1.0 / 23, []string{"nnnnnnnna", "Xnnnnnnna", "Ynnnnnnna", "Znnnnnnna"}, func(id string) bool {
			n := id[:8]
			if i := strings.IndexByte("XYZ", id[0]); i >= 0 {
				n = string(rune('0'+i)) + id[1:8]
			}
			return "TRWAGMYFPDXBNJZSQVHLCKE"[number(n)%23] == id[8]
		}},
		{"FR", "NIR", 0.4 * 0.85 / 97, []string{"nnnnnnnnnnnnnnn", "nnnnnnAnnnnnnnn", "nnnnnnBnnnnnnnn"}, func(id string) bool {
			month := number(id[3:5])
			if id[0] < '1' || id[0] > '4' || month < 1 || month > 12 && month < 20 || month > 42 && month < 50 {
				return false
			}
			n := strings.NewReplacer("A", "0", "B", "0").Replace(id[:13])
			rest := remainder(n, 97)
			switch { // Corsica: 2A counts as 20 minus 1, and 2B as 20 minus 2
			case strings.Contains(id, "A"):
				rest -= 1000000 % 97
			case strings.Contains(id, "B"):
				rest -= 2000000 % 97
			}
			return number(id[13:]) == 97-((rest%97)+97)%97
		}},
		{"GB", "National Insurance number", 0.56 * 4 / 26, []string{"aannnnnna"}, func(id string) bool {
			return !strings.ContainsAny(id[:1], "DFIQUV") && !strings.ContainsAny(id[1:2], "DFIOQUV") && id[8] <= 'D'
		}},
		{"IE", "PPS number", 1.0 / 23, []string{"nnnnnnna", "nnnnnnnaa"}, func(id string) bool {
			sum := weigh(id, 8, 7, 6, 5, 4, 3, 2)
			if len(id) == 9 && id[8] != 'W' {
				sum += 9 * int(id[8]-'A'+1)
			}
			return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == id[7]
		}},
		{"IT", "codice fiscale", 1.0 / 26, []string{"aaaaaaccaccaccca"}, codiceFiscale},
		{"NL", "burgerservicenummer", 1.0 / 11, []string{"nnnnnnnnn"}, func(id string) bool {
			return !repeated(id) && (weigh(id, 9, 8, 7, 6, 5, 4, 3, 2)-value(id[8]))%11 == 0
		}},
		{"PT", "NIF", 0.4 / 11, []string{"nnnnnnnnn"}, func(id string) bool {
			check := 11 - weigh(id, 9, 8, 7, 6, 5, 4, 3, 2)%11
			return strings.Contains("1234", id[:1]) && (check == value(id[8]) || check > 9 && id[8] == '0')
		}},
	}
}

// eastern lists the numbers of the other European countries.
func eastern() []Country {
	return []Country{
		{"BG", "EGN", dateChance * 3 / 10, []string{"nnnnnnnnnn"}, func(id string) bool {
			return date(number(id[2:4])%20, number(id[4:6])) && weigh(id, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == value(id[9])
		}},
		{"CZ", "rodné číslo", 0.15 / 11, []string{"nnnnnnnnnn"}, func(id string) bool {
			return date(number(id[2:4])%50%20, number(id[4:6])) && remainder(id, 11) == 0
		}},
		{"DK", "CPR-nummer", dateChance, []string{"nnnnnnnnnn"}, dated(2, 0)},
		{"EE", "isikukood", dateChance * 0.8 / 10, []string{"nnnnnnnnnnn"}, baltic},
		{"FI", "henkilötunnus", dateChance / 31, []string{"nnnnnnnnnc", "nnnnnnannnc"}, func(id string) bool {
			n := id[:6] + id[len(id)-4:len(id)-1]
			return date(number(id[2:4]), number(id[:2])) && "0123456789ABCDEFHJKLMNPRSTUVWXY"[number(n)%31] == id[len(id)-1]
		}},
		{"GR", "AMKA", dateChance / 10, []string{"nnnnnnnnnnn"}, func(id string) bool { return date(number(id[2:4]), number(id[:2])) && luhn(id) }},
		{"HR", "OIB", 0.1, []string{"nnnnnnnnnnn"}, func(id string) bool { return !repeated(id) && mod11and10(id) }},
		{"LT", "asmens kodas", dateChance * 0.8 / 10, []string{"nnnnnnnnnnn"}, baltic},
		{"NO", "fødselsnummer", dateChance * 8 / 121, []string{"nnnnnnnnnnn"}, func(id string) bool {
			return date(number(id[2:4])%40, number(id[:2])%40) && weigh(id, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)%11 == 0 && weigh(id, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
		}},
		{"PL", "PESEL", dateChance * 5 / 10, []string{"nnnnnnnnnnn"}, func(id string) bool {
			return date(number(id[2:4])%20, number(id[4:6])) && weigh(id, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)%10 == 0
		}},
		{"RO", "CNP", dateChance * 0.9 / 10, []string{"nnnnnnnnnnnnn"}, func(id string) bool {
			return id[0] != '0' && date(number(id[3:5]), number(id[5:7])) && weigh(id, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)%11%10 == value(id[12])
		}},
		{"SE", "personnummer", dateChance / 10, []string{"nnnnnnnnnn", "19nnnnnnnnnn", "20nnnnnnnnnn"}, func(id string) bool {
			id = id[len(id)-10:]
			return date(number(id[2:4]), number(id[4:6])%60) && luhn(id)
		}},
	}
}

// steuerID checks the German tax number: the check digit follows ISO 7064 MOD 11,10. Among the first ten digits, one
// digit occurs two or three times, and every other digit occurs at most once.
func steuerID(id string) bool {
	var count [10]int
	for i := range 10 {
		count[id[i]-'0']++
	}
	multiple := 0
	for _, n := range count {
		if n > 3 {
			return false
		}
		if n > 1 {
			multiple++
		}
	}
	return multiple == 1 && mod11and10(id)
}

// mod11and10 checks the last digit by ISO 7064 MOD 11,10.
func mod11and10(id string) bool {
	product := 10
	for i := range len(id) - 1 {
		sum := (value(id[i]) + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	return (11-product)%10 == value(id[len(id)-1])
}

// baltic checks the number that Estonia and Lithuania share.
func baltic(id string) bool {
	check := weigh(id, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if check == 10 {
		check = weigh(id, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return '1' <= id[0] && id[0] <= '8' && date(number(id[3:5]), number(id[5:7])) && check == value(id[10])
}

// codiceFiscale checks the last letter, which is a sum of the other characters. The tables are those of the decree of
// 23 December 1976.
func codiceFiscale(id string) bool {
	odd := [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		v := value(id[i])
		if v >= 10 {
			v -= 10
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return int(id[15]-'A') == sum%26
}
