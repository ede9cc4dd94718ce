package chat

import "github.com/prometheus/client_golang/prometheus"

// metrics are what the desk counts of itself.
type metrics struct {
	sockets   *prometheus.GaugeVec
	framesIn  *prometheus.CounterVec
	framesOut *prometheus.CounterVec
	cuts      *prometheus.CounterVec
	ack       prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		sockets: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "huiyin_chat_sockets", Help: "Open sockets by side.",
		}, []string{"side"}),
		framesIn: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiyin_chat_frames_in_total", Help: "Frames taken from clients by side.",
		}, []string{"side"}),
		framesOut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiyin_chat_frames_out_total", Help: "Frames written to clients by side.",
		}, []string{"side"}),
		cuts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "huiyin_chat_cuts_total", Help: "Connections that the desk ended, by close code or reason.",
		}, []string{"reason"}),
		ack: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "huiyin_chat_ack_seconds", Help: "From a send to its ack, durably stored.",
			Buckets: []float64{.001, .002, .004, .008, .016, .032, .064, .125, .25, .5, 1, 2, 5},
		}),
	}
	if reg != nil {
		reg.MustRegister(m.sockets, m.framesIn, m.framesOut, m.cuts, m.ack)
	}
	return m
}
