package federation

import (
	"context"
	"fmt"

	"github.com/ipfs/go-cid"
)

// TreeEntries visits every key and record of the tree under root, in no order that means anything (own trees only,
// like TreeNodes; nodes are read strictly). An error of visit, or a node that is missing or damaged, ends it.
func TreeEntries(ctx context.Context, b Blocks, root cid.Cid, visit func(key string, c cid.Cid) error) error {
	return treeEntries(ctx, b, root, 0, visit)
}

func treeEntries(ctx context.Context, b Blocks, root cid.Cid, depth int, visit func(string, cid.Cid) error) error {
	data, err := b.Get(ctx, root)
	if err != nil {
		return fmt.Errorf("tree node %s: %w", root, err)
	}
	node, err := readTreeNode(data)
	if err != nil {
		return fmt.Errorf("tree node %s: %w", root, err)
	}
	if depth > maxTreeDepth {
		return invalid("tree node %s lies too deep", root)
	}
	for _, p := range node.pointers {
		if p.link.Defined() {
			if err := treeEntries(ctx, b, p.link, depth+1, visit); err != nil {
				return err
			}
			continue
		}
		for _, entry := range p.bucket {
			if err := visit(string(entry.key), entry.value); err != nil {
				return err
			}
		}
	}
	return nil
}
