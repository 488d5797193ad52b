// SPDX-License-Identifier: GPL-2.0-only
/* The runner's checks of a kernel by the files beside it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vmtest/image/image.h"
#include "vmtest/lib/util.h"
#include "test.h"
#include "vmtest_harness.h"

/* All options that a guest needs, except for its ports. */
#define BASE \
	"CONFIG_BLK_DEV_INITRD=y\nCONFIG_DEVTMPFS=y\n" \
	"CONFIG_SERIAL_8250_CONSOLE=y\nCONFIG_PROC_FS=y\nCONFIG_SYSFS=y\n" \
	"CONFIG_PID_NS=y\n"
#define MMIO "CONFIG_VIRTIO_MMIO=y\nCONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y\n"
#define PCI "CONFIG_ACPI=y\nCONFIG_VIRTIO_PCI=y\n"
#define CONSOLE "CONFIG_VIRTIO_CONSOLE=y\n"

static void drop(const char *name)
{
	char *path = in_root(name);

	unlink(path);
	free(path);
}

static int open_named(struct image *img, const char *name)
{
	char *path = in_root(name);
	int err = image__open(img, path);

	free(path);
	return err;
}

/* Opens a new image with these files beside it; NULL: without the file. */
static int open_with(struct image *img, const char *config,
		     const char *properties)
{
	put("image", "a kernel", 0644);
	drop("config");
	drop("target");
	if (config)
		put("config", config, 0644);
	if (properties)
		put("target", properties, 0644);
	return open_named(img, "image");
}

struct machine_case {
	const char *name, *config;
	int err;
	enum machine machine;
};

static const struct machine_case machines[] = {
	{ "virtio by MMIO", BASE CONSOLE MMIO, 0, MACHINE_MMIO },
	{ "virtio by PCI", BASE CONSOLE PCI, 0, MACHINE_PCI },
	{ "both: the faster one", BASE CONSOLE PCI MMIO, 0, MACHINE_MMIO },
	{ "MMIO is a module", BASE CONSOLE PCI "CONFIG_VIRTIO_MMIO=m\nCONFIG_VIRTIO_MMIO_CMDLINE_DEVICES=y\n", 0, MACHINE_PCI },
	{ "MMIO without a command line", BASE CONSOLE PCI "CONFIG_VIRTIO_MMIO=y\n# CONFIG_VIRTIO_MMIO_CMDLINE_DEVICES is not set\n", 0, MACHINE_PCI },
	{ "neither", BASE CONSOLE, -ENOTSUP, MACHINE_PCI },
	{ "PCI without ACPI", BASE CONSOLE "CONFIG_VIRTIO_PCI=y\n", -ENOTSUP, MACHINE_PCI },
	{ "no console", BASE PCI, -ENOTSUP, MACHINE_PCI },
	{ "no initramfs", "CONFIG_DEVTMPFS=y\n" CONSOLE PCI, -ENOTSUP, MACHINE_PCI },
	{ "another option's name begins so", BASE "CONFIG_VIRTIO_CONSOLE_X=y\n" PCI, -ENOTSUP, MACHINE_PCI },
	{ "another option's name ends so", BASE "X_CONFIG_VIRTIO_CONSOLE=y\n" PCI, -ENOTSUP, MACHINE_PCI },
};

static void test_machine(void **state)
{
	const struct machine_case *c = *state;
	struct image img;

	assert_int_equal(open_with(&img, c->config, NULL), c->err);
	if (!c->err)
		assert_int_equal(img.machine, c->machine);
	image__free(&img);
}

/* A driver may be a module if the module is packed. */
static void test_modules(void **)
{
	static const char config[] = BASE "CONFIG_ACPI=y\n"
		"CONFIG_VIRTIO_PCI=m\nCONFIG_VIRTIO_CONSOLE=m\n";
	char *modules = in_root("modules");
	struct image img;

	assert_int_equal(open_with(&img, config, NULL), -ENOTSUP);
	assert_int_equal(mkdir(modules, 0777), 0);
	put("modules/virtio_pci.ko", "", 0644);
	assert_int_equal(open_with(&img, config, NULL), -ENOTSUP);
	put("modules/virtio_console.ko", "", 0644);
	assert_int_equal(open_with(&img, config, NULL), 0);
	assert_int_equal(img.machine, MACHINE_PCI);
	assert_string_equal(strrchr(img.modules, '/'), "/modules");
	image__free(&img);
	/* None of the other options may be a module. */
	assert_int_equal(open_with(&img, "CONFIG_PROC_FS=m\nCONFIG_BLK_DEV_INITRD=y\n", NULL),
			 -ENOTSUP);
	drop("modules/virtio_pci.ko");
	drop("modules/virtio_console.ko");
	rmdir(modules);
	free(modules);
}

/* A kernel with an unknown config is accepted. */
static void test_unknown_config(void **)
{
	static const char *const unknown[] = {
		NULL, "", "# not known: built without it\n#   /boot/config-6.1\n",
	};
	struct image img;

	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		assert_int_equal(open_with(&img, unknown[i], NULL), 0);
		assert_int_equal(img.machine, MACHINE_PCI);
		assert_null(img.config);
		assert_int_equal(img.hz, 0);
		assert_false(img.faults);
		image__free(&img);
	}
}

static void test_features(void **)
{
	struct image img;

	assert_int_equal(open_with(&img, BASE CONSOLE MMIO
				   "CONFIG_HZ_250=y\nCONFIG_HZ=250\n"
				   "CONFIG_FAULT_INJECTION_DEBUG_FS=y\n"
				   "CONFIG_FAILSLAB=y\n", NULL), 0);
	assert_int_equal(img.hz, 250);
	assert_false(img.faults);
	assert_int_equal(img.san.mib, 0);
	image__free(&img);
	assert_int_equal(open_with(&img, BASE CONSOLE MMIO
				   "CONFIG_FAULT_INJECTION_DEBUG_FS=y\n"
				   "CONFIG_FAILSLAB=y\nCONFIG_FAIL_PAGE_ALLOC=y\n"
				   "CONFIG_KASAN=y\n", NULL), 0);
	assert_true(img.faults);
	assert_int_equal(img.san.mib, 768);
	image__free(&img);
}

static void test_properties(void **)
{
	struct image img;

	assert_int_equal(open_with(&img, BASE CONSOLE MMIO,
				   "target=t\nkind=image\nmode=join\nrelease=6.12.1-x\n"), 0);
	assert_string_equal(img.release, "6.12.1-x");
	assert_string_equal(img.mode, "join");
	image__free(&img);
	assert_int_equal(open_with(&img, BASE CONSOLE MMIO, NULL), 0);
	assert_null(img.release);
	assert_null(img.mode);
	image__free(&img);
}

static void test_no_image(void **)
{
	struct image img;

	assert_int_equal(open_named(&img, "missing"), -ENOENT);
	assert_int_equal(open_named(&img, "."), -EINVAL);
	assert_int_equal(image__open(&img, ""), -ENOENT);
	assert_null(img.path);
}

int main(void)
{
	static const struct CMUnitTest plain[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_unknown_config),
		cmocka_unit_test(test_features),
		cmocka_unit_test(test_properties),
		cmocka_unit_test(test_no_image),
	};
	struct CMUnitTest tests[ARRAY_SIZE(plain) + ARRAY_SIZE(machines)];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(machines); i++)
		tests[n++] = ROW_TEST(test_machine, &machines[i]);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		tests[n++] = plain[i];
	return cmocka_run_group_tests_name("vmtest image", tests, harness__setup,
					   harness__teardown);
}
