package p2p

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	pubsub "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	gossipBuffer     = 256           // accepted messages waiting for the backend
	gossipRPC        = 4 * maxGossip // of libp2p's own frames, which carry several messages
	gossipValidators = 64
)

// gossip is the one topic of heads.
type gossip struct {
	topic *pubsub.Topic
	sub   *pubsub.Subscription
}

func (h *Host) startGossip() error {
	ps, err := pubsub.NewGossipSub(h.ctx, h.libp2p,
		pubsub.WithMessageSignaturePolicy(pubsub.StrictSign),
		pubsub.WithMessageIdFn(contentID),
		pubsub.WithFloodPublish(true),
		pubsub.WithMaxMessageSize(gossipRPC),
		pubsub.WithSubscriptionFilter(pubsub.NewAllowlistSubscriptionFilter(HeadsTopic)),
		pubsub.WithValidateThrottle(gossipValidators),
		pubsub.WithPeerScore(scoreParams(), scoreThresholds()),
	)
	if err != nil {
		return err
	}
	if err := ps.RegisterTopicValidator(HeadsTopic, h.validate); err != nil {
		return err
	}
	topic, err := ps.Join(HeadsTopic)
	if err != nil {
		return err
	}
	sub, err := topic.Subscribe(pubsub.WithBufferSize(gossipBuffer))
	if err != nil {
		return err
	}
	h.gossip = &gossip{topic: topic, sub: sub}
	h.work.Go(h.listenGossip)
	return nil
}

// contentID makes one message of what several nodes announce in the same words.
func contentID(m *pb.Message) string {
	id := sha256.Sum256(m.GetData())
	return string(id[:])
}

// scoreParams punish invalid messages and nothing else. Addresses do not count: universities share them.
func scoreParams() *pubsub.PeerScoreParams {
	return &pubsub.PeerScoreParams{
		SkipAtomicValidation: true,
		AppSpecificScore:     func(peer.ID) float64 { return 0 },
		AppSpecificWeight:    1,
		DecayInterval:        time.Second,
		DecayToZero:          0.01,
		RetainScore:          10 * time.Minute,
		Topics: map[string]*pubsub.TopicScoreParams{HeadsTopic: {
			SkipAtomicValidation:           true,
			TopicWeight:                    1,
			TimeInMeshQuantum:              time.Second,
			InvalidMessageDeliveriesWeight: -10,
			InvalidMessageDeliveriesDecay:  0.99,
		}},
	}
}

func scoreThresholds() *pubsub.PeerScoreThresholds {
	return &pubsub.PeerScoreThresholds{
		SkipAtomicValidation: true,
		GossipThreshold:      -50, PublishThreshold: -100, GraylistThreshold: -200,
	}
}

// validate rejects only what every honest node rejects; scoring punishes whoever passed it on. The cheap
// checks and the backend's view come before the records are verified.
func (h *Host) validate(_ context.Context, from peer.ID, m *pubsub.Message) pubsub.ValidationResult {
	if from == h.ID() {
		return pubsub.ValidationAccept
	}
	h.touch(from)
	a, err := OpenAnnouncement(m.GetData())
	if err != nil {
		return h.reject(from, err)
	}
	verdict := h.backend.Judge(from, a.Head, a.Envelope)
	if verdict == Ignore {
		return pubsub.ValidationIgnore
	}
	if err := a.verify(); err != nil {
		return h.reject(from, err)
	}
	if verdict == News {
		m.ValidatorData = a
	}
	return pubsub.ValidationAccept
}

func (h *Host) reject(from peer.ID, err error) pubsub.ValidationResult {
	h.log.Warn("gossip refused", "peer", from, "error", err)
	return pubsub.ValidationReject
}

func (h *Host) listenGossip() {
	for {
		m, err := h.gossip.sub.Next(h.ctx)
		if err != nil {
			return
		}
		if a, ok := m.ValidatorData.(Announcement); ok {
			h.backend.Announced(m.GetFrom(), a)
		}
	}
}

// Announce gossips a head. When the changes do not fit beside it they are left out.
func (h *Host) Announce(ctx context.Context, a Announcement) error {
	body, err := a.Encode()
	if errors.Is(err, ErrTooLarge) && a.Delta != nil {
		body, err = Announcement{Envelope: a.Envelope}.Encode()
	}
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	if err := h.gossip.topic.Publish(ctx, body); err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	return nil
}
