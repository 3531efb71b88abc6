package sandbox

import (
	"maps"
	"slices"
)

// How often a call that sends a message meets bad weather.
const (
	weatherFlood   = 0.01  // 429, for a second: nothing arrives
	weatherGateway = 0.001 // 502 of a proxy on the way: nothing arrives, which the client cannot know
	weatherReset   = 0.001 // the connection is reset after the message has arrived
)

// Weather returns the faults of an ordinary day at Telegram, for [Sandbox.AddFault]: one message in a hundred is asked
// to wait, one in a thousand meets a gateway that fails, and one in a thousand arrives without an answer. The same seed
// gives the same faults for the same calls.
func Weather(seed uint64) []Fault {
	var faults []Fault
	for i, method := range slices.Sorted(maps.Keys(senders)) {
		// Each rule has its own stream of random numbers, or they would fire together.
		streams := seed + uint64(i)<<32
		faults = append(faults,
			Fault{Kind: FaultFlood, Method: method, Probability: weatherFlood, Seed: streams, RetryAfter: 1},
			Fault{Kind: FaultGateway, Method: method, Probability: weatherGateway, Seed: streams + 1<<16},
			Fault{Kind: FaultReset, Method: method, Probability: weatherReset, Seed: streams + 2<<16, Delivered: true},
		)
	}
	return faults
}
