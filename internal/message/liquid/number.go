package liquid

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// finite keeps a result that is a number.
func finite(f float64) (any, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, errTooLarge
	}
	return f, nil
}

// arithmetic reckons with whole numbers while both are and the result fits.
func arithmetic(wholes func(a, b int64) (int64, bool), others func(a, b float64) float64) filter {
	return filter{1, func(v any, args arguments) (any, error) {
		m, x, whole, err := number(v)
		if err != nil {
			return nil, err
		}
		n, y, too, err := number(args.values[0])
		if err != nil {
			return nil, err
		}
		if whole && too {
			if result, fits := wholes(m, n); fits {
				return int(result), nil
			}
		}
		return finite(others(x, y))
	}}
}

func plusWhole(a, b int64) (int64, bool) { return a + b, (a+b > a) == (b > 0) }

func minusWhole(a, b int64) (int64, bool) { return a - b, (a-b < a) == (b > 0) }

func timesWhole(a, b int64) (int64, bool) {
	product := a * b
	return product, a == 0 || product/a == b && (a != -1 || b != math.MinInt64)
}

// division is arithmetic that nothing can be divided by 0 in.
func division(wholes func(a, b int64) (int64, bool), others func(a, b float64) float64) filter {
	divide := arithmetic(wholes, others)
	return filter{1, func(v any, args arguments) (any, error) {
		if _, y, _, err := number(args.values[0]); err == nil && y == 0 {
			return nil, errDivision
		}
		return divide.run(v, args)
	}}
}

// divideWhole rounds down, as Liquid does.
func divideWhole(a, b int64) (int64, bool) {
	quotient := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		quotient--
	}
	return quotient, a != math.MinInt64 || b != -1
}

// moduloWhole has the sign of the divisor, as in Liquid.
func moduloWhole(a, b int64) (int64, bool) {
	rest := a % b
	if rest != 0 && (rest < 0) != (b < 0) {
		rest += b
	}
	return rest, true
}

// bound keeps a number unless the other one is to be taken.
func bound(keep func(a, b float64) bool) filter {
	return filter{1, func(v any, args arguments) (any, error) {
		_, x, _, err := number(v)
		_, y, _, err2 := number(args.values[0])
		if err := cmp.Or(err, err2); err != nil || keep(x, y) {
			return v, err
		}
		return args.values[0], nil
	}}
}

// rounding changes the fraction of a number; what has none then is whole.
func rounding(f func(float64) float64) filter {
	return filter{0, func(v any, _ arguments) (any, error) {
		n, x, whole, err := number(v)
		if err != nil || whole {
			return int(n), err
		}
		return shortest(f(x))
	}}
}

// abs takes the sign off.
func abs(v any, _ arguments) (any, error) {
	n, x, whole, err := number(v)
	switch {
	case err != nil:
		return nil, err
	case whole && n != math.MinInt64: // which has no counterpart
		return int(max(n, -n)), nil
	}
	return shortest(math.Abs(x))
}

func shortest(f float64) (any, error) {
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int(f), nil
	}
	return finite(f)
}

// maxPlaces is how many places after the point a number is rounded to.
const maxPlaces = 10

// places reads how many places a filter is asked for.
func places(a arguments, otherwise int) (int, error) {
	n, err := a.numberOr(0, otherwise)
	return min(max(n, 0), maxPlaces), err
}

func round(v any, a arguments) (any, error) {
	whole, x, isWhole, err := number(v)
	if err != nil {
		return nil, err
	}
	n, err := places(a, 0)
	if err != nil {
		return nil, err
	}
	if isWhole {
		return int(whole), nil
	}
	scale := math.Pow10(n)
	return shortest(math.Round(x*scale) / scale)
}

// decimals writes a number with that many places after the point, for prices.
func decimals(v any, a arguments) (any, error) {
	whole, x, isWhole, err := number(v)
	if err != nil {
		return nil, err
	}
	n, err := places(a, 2)
	if isWhole {
		text := strconv.FormatInt(whole, 10)
		if n > 0 {
			text += "." + strings.Repeat("0", n)
		}
		return text, err
	}
	return strconv.FormatFloat(x, 'f', n, 64), err
}
