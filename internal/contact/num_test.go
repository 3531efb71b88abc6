package contact

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// What is compared is the number, or the milliseconds of the date; nothing else is.
func TestNum(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]float64{
		"0": 0, "12.5": 12.5, "-0.05": -0.05, "1234567890123456789012": 1234567890123456789012,
		"1970-01-01": 0, "1970-01-02": 86_400_000, "1969-12-31T23:59:59": -1000, "2026-03-01T15:04:05Z": 1_772_377_445_000,
		"0000-01-01": -62_167_219_200_000, "9999-12-31": 253_402_214_400_000, "2024-02-29": 1_709_164_800_000,
	} {
		got, ok := Num(value)
		require.True(t, ok, value)
		require.InDelta(t, want, got, 0, value)
	}
	for _, value := range []string{"", "-", ".", "1.2.3", "--1", "1-2", "inf", "NaN", "1e5", "true", "Kyiv", "2026-13-01", "2026-02-29",
		"2026-03-01T25:00:00", "01.03.2026", "2026-03-01 15:04:05"} {
		_, ok := Num(value)
		require.False(t, ok, value)
	}
}

// Every number and date that a field takes can be compared, and in its own order.
func TestCleanValuesHaveNums(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.Float64Range(-1e15, 1e15).Draw(t, "number")
		value, ok := Number.clean(strconv.FormatFloat(f, 'f', rapid.IntRange(0, 6).Draw(t, "places"), 64))
		require.True(t, ok)
		num, ok := Num(value)
		require.True(t, ok, value)
		require.InDelta(t, f, num, 0.5)

		at := time.Unix(rapid.Int64Range(-60_000_000_000, 250_000_000_000).Draw(t, "time"), 0).UTC()
		for layout, unit := range map[string]time.Duration{time.RFC3339: time.Second, timeLayout: time.Second, dayLayout: 24 * time.Hour} {
			value, ok := Date.clean(at.Format(layout))
			require.True(t, ok)
			num, ok := Num(value)
			require.True(t, ok, value)
			require.InDelta(t, float64(at.Truncate(unit).UnixMilli()), num, 0, value)
		}
	})
}

func TestFreeKey(t *testing.T) {
	t.Parallel()
	taken := func(keys ...string) func(string) bool {
		return func(key string) bool { return slices.Contains(keys, key) }
	}
	city := Field{ID: 7, Name: "City"}
	require.Equal(t, "city", city.FreeKey(taken()))
	require.Equal(t, "city_3", city.FreeKey(taken("city", "city_2")))
	require.Equal(t, "field_7", Field{ID: 7, Name: "?!"}.FreeKey(taken()))
	for key, want := range map[string]bool{
		"": true, "city": true, "місто_2": true, "City": false, "a b": false, "2nd": false, "size": false, "a__b": false, "?": false,
	} {
		require.Equal(t, want, checkFieldKey(key) == nil, key)
	}
}
