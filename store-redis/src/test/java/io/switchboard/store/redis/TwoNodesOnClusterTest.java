package io.switchboard.store.redis;

import java.nio.file.Path;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(Ground.CLUSTER)
class TwoNodesOnClusterTest extends TwoNodesTest {
    @Override
    Ground start(Path folder) {
        return Ground.cluster();
    }
}
