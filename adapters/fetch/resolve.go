package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"
)

// maxRecords of one answer are looked at.
const maxRecords = 100

// resolver is the system's (net.Resolver) or one name server given by the operator.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// newResolver: without a server, Go's own resolver reads the system's configuration. The C library is avoided,
// because it takes odd spellings of addresses for names.
func newResolver(server string) (resolver, error) {
	if server == "" {
		return &net.Resolver{PreferGo: true}, nil
	}
	host, port, err := net.SplitHostPort(server)
	if err != nil {
		host, port = strings.Trim(server, "[]"), "53"
	}
	if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
		return nil, fmt.Errorf("fetch.resolver: %q is no address; write it like 192.0.2.53:53", server)
	}
	return nameServer{net.JoinHostPort(host, port)}, nil
}

// nameServer asks one recursive name server.
type nameServer struct{ address string }

// LookupNetIP asks for A and AAAA records at once; either kind is enough.
func (s nameServer) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	var found [2][]netip.Addr
	var errs [2]error
	var group errgroup.Group
	for i, kind := range []uint16{dns.TypeA, dns.TypeAAAA} {
		group.Go(func() error {
			found[i], errs[i] = s.addresses(ctx, host, kind)
			return nil
		})
	}
	_ = group.Wait() // the functions keep their errors, since one may fail
	if all := append(found[0], found[1]...); len(all) > 0 {
		return all, nil
	}
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return nil, &net.DNSError{Err: "no such host", Name: host, Server: s.address, IsNotFound: true}
}

func (s nameServer) addresses(ctx context.Context, host string, kind uint16) ([]netip.Addr, error) {
	records, err := s.ask(ctx, host, kind)
	var addresses []netip.Addr
	for _, record := range records {
		var ip net.IP
		switch record := record.(type) {
		case *dns.A:
			ip = record.A
		case *dns.AAAA:
			ip = record.AAAA
		}
		if a, ok := netip.AddrFromSlice(ip); ok {
			addresses = append(addresses, a.Unmap())
		}
	}
	return addresses, err
}

func (s nameServer) LookupTXT(ctx context.Context, name string) ([]string, error) {
	records, err := s.ask(ctx, name, dns.TypeTXT)
	var texts []string
	for _, record := range records {
		if txt, ok := record.(*dns.TXT); ok {
			texts = append(texts, unescape(strings.Join(txt.Txt, "")))
		}
	}
	return texts, err
}

// ask sends one question, twice over UDP if the first is lost, over TCP if the answer is cut off.
func (s nameServer) ask(ctx context.Context, name string, kind uint16) ([]dns.RR, error) {
	question := new(dns.Msg).SetQuestion(dns.Fqdn(name), kind)
	question.SetEdns0(1232, false)
	answer, err := s.exchange(ctx, "udp", question, dnsTimeout/2)
	if err != nil && ctx.Err() == nil {
		answer, err = s.exchange(ctx, "udp", question, dnsTimeout)
	}
	if err == nil && answer.Truncated {
		answer, err = s.exchange(ctx, "tcp", question, dnsTimeout)
	}
	if err != nil {
		return nil, &net.DNSError{Err: err.Error(), Name: name, Server: s.address, IsTemporary: true, IsTimeout: ctx.Err() != nil}
	}
	switch answer.Rcode {
	case dns.RcodeSuccess, dns.RcodeNameError:
		return answer.Answer[:min(len(answer.Answer), maxRecords)], nil
	}
	return nil, &net.DNSError{Err: "the name server answers " + dns.RcodeToString[answer.Rcode], Name: name, Server: s.address, IsTemporary: true}
}

func (s nameServer) exchange(ctx context.Context, network string, question *dns.Msg, limit time.Duration) (*dns.Msg, error) {
	client := &dns.Client{Net: network, Timeout: limit}
	answer, _, err := client.ExchangeContext(ctx, question, s.address)
	if err != nil {
		return nil, err
	}
	if len(answer.Question) != 1 || answer.Question[0].Qtype != question.Question[0].Qtype || !strings.EqualFold(answer.Question[0].Name, question.Question[0].Name) {
		return nil, errors.New("the answer is to another question")
	}
	return answer, nil
}

// unescape undoes the presentation format in which the library holds character-strings: \DDD and \X.
func unescape(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		if i+2 < len(text) && isDigit(text[i]) && isDigit(text[i+1]) && isDigit(text[i+2]) {
			b.WriteByte((text[i]-'0')*100 + (text[i+1]-'0')*10 + text[i+2] - '0')
			i += 2
			continue
		}
		b.WriteByte(text[i])
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
