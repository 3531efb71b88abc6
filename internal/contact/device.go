package contact

import (
	"slices"
	"strings"

	"bellman/internal/fault"
)

// DeviceType is the kind of a push token.
type DeviceType string

// The kinds of push tokens.
const (
	MobilePush DeviceType = "mobilepush"
	WebPush    DeviceType = "webpush"
)

// Limits of devices.
const (
	// MaxDevices is how many devices a contact may have.
	MaxDevices = 100
	// MaxDeviceToken is the longest push token, in bytes. Those of web push contain
	// an address and keys.
	MaxDeviceToken = 4096
	// MaxDeviceText is the longest text about a device, in characters.
	MaxDeviceText = 200
)

// Device is a push token with what is known about its device. Bellman stores it and
// finds contacts by it, but sends nothing to it.
type Device struct {
	Type DeviceType `json:"type"`
	// Token is the value of the channel.
	Token         string `json:"token"`
	AppID         string `json:"appId,omitempty"`
	DeviceModel   string `json:"deviceModel,omitempty"`
	OS            string `json:"os,omitempty"`
	Locale        string `json:"locale,omitempty"`
	ClientVersion string `json:"clientVersion,omitempty"`
	AppVersion    string `json:"appVersion,omitempty"`
	// Inactive is true when the device has reported that; Bellman never asks.
	Inactive bool `json:"inactive,omitempty"`
}

// Key returns the key by which devices are matched.
func (d Device) Key() string { return string(d.Type) + ":" + MatchKey(d.Token) }

var errTooManyDevices = fault.New(fault.Invalid, "too_many_devices", "a contact has at most %d devices", MaxDevices).In("devices")

func (d Device) check() error {
	switch {
	case d.Type != MobilePush && d.Type != WebPush:
		return fault.New(fault.Invalid, "device_invalid", "the type of a device is mobilepush or webpush").In("devices")
	case strings.TrimSpace(d.Token) == "" || len(d.Token) > MaxDeviceToken || !isText(d.Token, MaxDeviceToken):
		return fault.New(fault.Invalid, "device_invalid", "a push token has 1 to %d bytes", MaxDeviceToken).In("devices")
	}
	for _, text := range []string{d.AppID, d.DeviceModel, d.OS, d.Locale, d.ClientVersion, d.AppVersion} {
		if !isText(text, MaxDeviceText) {
			return fault.New(fault.Invalid, "device_invalid", "what is said of a device has at most %d characters", MaxDeviceText).In("devices")
		}
	}
	return nil
}

// mergeDevices returns the devices together with those that were sent, which
// replace the ones with the same tokens and otherwise follow.
func mergeDevices(have, sent []Device) []Device {
	all := slices.Clone(have)
	for _, d := range sent {
		i := slices.IndexFunc(all, func(x Device) bool { return x.Key() == d.Key() })
		if i < 0 {
			all = append(all, d)
		} else {
			all[i] = d
		}
	}
	return all
}

// replaceDevices returns the devices with all of one type replaced by those that
// were sent.
func replaceDevices(have, sent []Device, kind DeviceType) []Device {
	other := func(d Device) bool { return d.Type != kind }
	all := slices.DeleteFunc(slices.Clone(have), func(d Device) bool { return !other(d) })
	return append(all, slices.DeleteFunc(slices.Clone(sent), other)...)
}
