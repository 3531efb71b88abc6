package contact

import (
	"runtime"
	"sync"
)

// perCore is how many items are worth a goroutine: reading a phone number takes
// about ten microseconds.
const perCore = 100

// spread calls fn for every index below n, on several cores when there are many.
func spread(n int, fn func(i int)) {
	part := max(perCore, (n+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for low := 0; low < n; low += part {
		wait.Go(func() {
			for i := low; i < min(low+part, n); i++ {
				fn(i)
			}
		})
	}
	wait.Wait()
}
