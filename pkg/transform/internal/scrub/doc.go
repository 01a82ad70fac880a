package scrub

import "strings"

// documentation returns the text for the treatment scrub in docs/treatments.md.
func documentation() string {
	return strings.Join([]string{
		"The treatment reads a text as a person does: it decodes entities (`&#64;`, `&uuml;`), percent signs (`%40`) and backslashes (`\\u00fc`), " +
			"ignores invisible characters and tags such as `<b>`, joins words that are hyphenated at the end of a line, and reads full-width letters, " +
			"digits of all scripts and bytes in a wrong encoding (`Ã¼`). The text that is not replaced stays as it was written.",
		"First, the treatment looks for the values of the columns in `mentions`. These are columns of the row, or of a row that the row references (customer_id.given_name). " +
			"If the text contains the value of such a column, the value becomes the column's result. The treatment finds a value in these forms:",
		"- with other case, accents, hyphens or blanks, with letters of another script that look the same, and with 's, s or es at the end\n" +
			"- a part of a name, if the part has three letters or more\n" +
			"- a name as a part of a word, beside digits, another name, an initial or a capital. A name of five letters or more is also found at the beginning and at the end of any word, and a name of six letters or more anywhere in a word\n" +
			"- a pet form: the beginning of a name with an ending such as -i, -y, -ie, -chen, -ito\n" +
			"- a name with the same sign between all its letters, or with a blank or a line break in the name\n" +
			"- a number with other separators, and a telephone number with or without country code\n" +
			"- a date in another form",
		"Then the treatment looks for the `patterns`. A match gets the same result as in a column with the following treatment and domain, without a subject:",
		"- e-mail addresses, also with words instead of the signs (ada at acme dot io): fake.email, domain email\n" +
			"- telephone numbers: fake.phone, domain phone\n" +
			"- card numbers: pan, domain pan\n" +
			"- IBANs: iban, domain iban\n" +
			"- UUIDs: token, domain identifier\n" +
			"- dates: shift, domain birth_date. The names of the months may be in one of 21 languages\n" +
			"- internet addresses: fake.ipv4 or fake.ipv6, domain ip_address\n" +
			"- URLs: fake.url, domain url",
		"MAC addresses become addresses that are reserved for documentation. Other numbers of six digits or more become other numbers of the same length. So do " +
			"shorter numbers after a word such as customer or extension. Matches of the following patterns become a mark such as `[secret]`:",
		"- `national_id`: national identification numbers\n" +
			"- `secret`: keys and tokens of known services, values after a word such as password or PIN, and texts in base 64 or base 16\n" +
			"- `handle`: user names after @, after a word such as telegram, and in paths (/home/ada)\n" +
			"- `address`: a street with its house number, with the postcode and the town after it, and postcodes of the United Kingdom, Canada and the United States\n" +
			"- `coordinates`: latitude and longitude\n" +
			"- `date`: dates whose day is written in words",
		"A part of a text that has one of these forms is replaced, even if it may be something else. For example, the treatment also replaces every word after @ that is not common in programs, every number of nine digits with dots, " +
			"and nouns with a house number such as Parkplatz 12.",
		"The treatment cannot find all personal data. The following parts of a text stay:",
		"- names that are neither in a column of `mentions` nor, with `names: true`, in the lists of invented names\n" +
			"- misspelt names, short forms without an ending (Alex), nicknames that do not begin as the name does, initials, and names in another alphabet\n" +
			"- a name of four letters or fewer inside another word\n" +
			"- names and words that are written backwards, with digits for letters (J0hn), or in an encoding that is not listed above\n" +
			"- values of mentioned columns that have only one letter\n" +
			"- numbers of fewer than six digits without a word such as customer before them, and numbers written as words\n" +
			"- dates without a year, and months in Roman numerals\n" +
			"- streets without a house number or without a word for a street, an English street before its number (Elm Street 12), post office boxes, and towns alone\n" +
			"- coordinates with fewer than four decimals, or with a letter after each number (52.5200N)\n" +
			"- telephone numbers with letters (1-800-FLOWERS)\n" +
			"- passwords of several words, and passwords without a word such as password before them\n" +
			"- user names without an @, a word such as telegram or a path before them\n" +
			"- places, illnesses, and descriptions that identify a person",
		"The result is therefore still personal data. In the plan, its disclosure label is `unchanged`.",
		"If a result is too long for the column, it is cut before a word. Bytes that are not UTF-8 become U+FFFD.",
	}, "\n\n")
}
