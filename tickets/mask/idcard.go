package mask

import "bytes"

// The first two digits of a region (GB/T 2260), with the permits of people from Hong Kong, Macao and Taiwan (81-83).
const regions = "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"

// idNumber tells whether the digits are an identity number of GB 11643: 18 with a check digit, or the 15 of before
// 1999, which have none: too many parcels look like those to be certain.
func idNumber(number []byte) verdict {
	switch len(number) {
	case 18:
		if region(number) && date(0, number[6:14]) && checkDigit(number) {
			return certain
		}
	case 15:
		if region(number) && date(19, number[6:12]) && number[14] != 'X' {
			return possible
		}
	}
	return no
}

// region looks at the first digits. The card of a foreigner with permanent residence (since 2023) has a 9 before the
// province.
func region(number []byte) bool {
	return known(number[:2]) || (number[0] == '9' && known(number[1:3]))
}

func known(province []byte) bool {
	i := bytes.Index([]byte(regions), province)
	return i >= 0 && i%3 == 0
}

// date tells whether the digits are YYYYMMDD, or, with a century given, YYMMDD of it.
func date(century int, digits []byte) bool {
	n := 0
	for _, d := range digits {
		if d < '0' || d > '9' {
			return false
		}
		n = n*10 + int(d-'0')
	}
	n += century * 1_000_000
	year, month, day := n/10_000, n/100%100, n%100
	if year < 1900 || year > 2099 || month < 1 || month > 12 || day < 1 {
		return false
	}
	days := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days++
	}
	return day <= days
}

// checkDigit checks the last digit by ISO 7064 MOD 11-2, X standing for ten.
func checkDigit(number []byte) bool {
	sum := 0
	for i, d := range number {
		n := int(d - '0')
		if d == 'X' {
			if i != len(number)-1 {
				return false
			}
			n = 10
		}
		// the weight of a place is a power of two, modulo eleven
		sum = (sum + n<<(len(number)-1-i)) % 11
	}
	return sum == 1
}
