package access

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"unicode"

	"github.com/ccojocar/zxcvbn-go/data"
)

// This file judges how hard a password is to guess, as zxcvbn does (Wheeler, 2016): what
// is cheapest to guess that makes the password, of common passwords, words, names, runs of
// the alphabet and of the keyboard, and single characters. The lists are those of the Go
// library with that name. The library itself would keep them in memory, 13 MB, for what
// happens when somebody chooses a password.

// Strength is how hard a password is to guess.
type Strength string

// The strengths of passwords; a weak one is refused.
const (
	Weak   Strength = "weak"
	Fair   Strength = "fair"
	Good   Strength = "good"
	Strong Strength = "strong"
)

// From how many bits on a password is no more weak, fair and good: a hundred million guesses,
// which zxcvbn calls safely unguessable online, ten billion, which it calls so when hashes are
// stolen, and ten thousand times as many.
const (
	fairBits   = 26.6
	goodBits   = 33.2
	strongBits = 46.5
)

// strengthOf returns the strength of a password that is worth so many bits.
func strengthOf(bits float64) Strength {
	switch {
	case bits < fairBits:
		return Weak
	case bits < goodBits:
		return Fair
	case bits < strongBits:
		return Good
	}
	return Strong
}

// listed are the lists, each with its most common entry first.
var listed = []string{"Passwords", "English", "MaleNames", "FemaleNames", "Surnames"}

// runs are what fingers and minds run along, forwards and backwards.
var runs = []string{
	"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop[]\\", "asdfghjkl;'", "zxcvbnm,./", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
	"абвгдеєжзиіїйклмнопрстуфхцчшщьюя", "абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "йцукенгшщзхїъ", "фівапролджє", "фывапролджэ", "ячсмитьбю",
}

// runBits is what a part of a run costs: which one, where it begins, which way.
const runBits = 9

// shortest is the least length of a word, or a part of a run, that counts as one.
const shortest = 3

// ranks returns how far from the beginning of its list each word is.
func ranks() (map[string]int, error) {
	all := map[string]int{}
	for _, name := range listed {
		text, err := data.Asset("data/" + name + ".json")
		if err != nil {
			return nil, fmt.Errorf("access: the list of common %s: %w", name, err)
		}
		var list struct{ List []string }
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, fmt.Errorf("access: the list of common %s: %w", name, err)
		}
		for i, word := range list.List {
			if known, ok := all[word]; !ok || i+1 < known {
				all[word] = i + 1
			}
		}
	}
	return all, nil
}

// bits returns how many a password is worth for who knows these words about its owner.
func bits(password string, known []string) (float64, error) {
	words, err := ranks()
	if err != nil {
		return 0, err
	}
	for _, word := range known {
		words[strings.ToLower(word)] = 1
	}
	return worth(password, words), nil
}

// worth returns how many bits a password is worth for who knows the words, by their ranks.
func worth(password string, words map[string]int) float64 {
	text := []rune(password)
	plain := []rune(strings.ToLower(password))
	if len(plain) != len(text) { // letters that change their number with their case
		plain = text
	}
	// least is what the beginnings of the password cost.
	least := make([]float64, len(text)+1)
	for end := 1; end <= len(text); end++ {
		least[end] = math.Inf(1)
		for begin := range end {
			least[end] = min(least[end], least[begin]+piece(text[begin:end], plain[begin:end], words), again(plain, begin, end, least))
		}
	}
	return least[len(text)]
}

// piece returns what a part of a password costs that is made of nothing before it.
func piece(text, plain []rune, words map[string]int) float64 {
	if len(plain) == 1 {
		return character(text[0])
	}
	if len(plain) < shortest {
		return math.Inf(1)
	}
	cost := math.Inf(1)
	if rank, ok := words[string(plain)]; ok {
		cost = math.Log2(float64(rank)) + 1
	}
	if rank, ok := words[unleet(plain)]; ok {
		cost = min(cost, math.Log2(float64(rank))+2)
	}
	if isRun(plain) {
		cost = min(cost, runBits)
	}
	return cost + capitals(text)
}

// character returns what a single one costs: it is any of its kind.
func character(r rune) float64 {
	switch {
	case unicode.IsDigit(r):
		return math.Log2(10)
	case unicode.IsLower(r):
		return math.Log2(26)
	case unicode.IsLetter(r):
		return math.Log2(52)
	}
	return math.Log2(33)
}

// capitals returns what it costs that some letters of a word are: nothing for none, a bit
// for the first or all, else one for each letter.
func capitals(text []rune) float64 {
	upper := 0
	for _, r := range text {
		if unicode.IsUpper(r) {
			upper++
		}
	}
	switch {
	case upper == 0:
		return 0
	case upper == len(text) || upper == 1 && unicode.IsUpper(text[0]):
		return 1
	}
	return float64(len(text))
}

// again returns what it costs that a part repeats the one just before it, once or more.
func again(plain []rune, begin, end int, least []float64) float64 {
	for period := 1; period <= begin; period++ {
		if (end-begin)%period != 0 {
			continue
		}
		same := true
		for i := begin; i < end && same; i++ {
			same = plain[i] == plain[i-period]
		}
		if same {
			return least[begin] + math.Log2(float64((end-begin)/period)+1)
		}
	}
	return math.Inf(1)
}

func isRun(plain []rune) bool {
	backwards := make([]rune, len(plain))
	for i, r := range plain {
		backwards[len(plain)-1-i] = r
	}
	for _, run := range runs {
		if strings.Contains(run, string(plain)) || strings.Contains(run, string(backwards)) {
			return true
		}
	}
	return false
}

var leet = strings.NewReplacer(
	"4", "a", "@", "a", "8", "b", "3", "e", "6", "g", "1", "i", "!", "i", "0", "o", "5", "s", "$", "s", "7", "t", "+", "t")

// unleet returns a word with letters for the signs that stand for them.
func unleet(plain []rune) string { return leet.Replace(string(plain)) }
