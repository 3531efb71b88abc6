package outbound

// RetryAfter reads for how long a server asks to be left alone.
var RetryAfter = retryAfter
