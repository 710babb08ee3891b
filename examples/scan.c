/* SPDX-License-Identifier: Apache-2.0 */
/* What is on the ring, without disturbing it: scan IF */
#include <ecring/ecring.h>

int main(int argc, char **argv)
{
	static struct ecr_scan_slave slaves[1024];
	bool registers_only;
	char text[200] = "";
	int count = ecr_scan(argc > 1 ? argv[1] : "eth0", slaves, 1024, &registers_only, text,
			     sizeof(text));

	if (count < 0) {
		fprintf(stderr, "%s: %s\n", text, ecr_error_hint(count));
		return 1;
	}
	for (int i = 0; i < count && i < 1024; i++)
		printf("%d: %s, vendor 0x%x, product 0x%08x, %s\n", i, slaves[i].name,
		       slaves[i].identity.vendor, slaves[i].identity.product,
		       ecr_al_state_name(slaves[i].al_status));
	return 0;
}
