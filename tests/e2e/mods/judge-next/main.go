// judge-next reads HorizontalPodAutoscalers of autoscaling/v2 (a list in JSON) on standard input, and prints for
// each, one line of JSON, why an API server would refuse to create it. It has the feature gates of its version of
// Kubernetes as they are by default.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/kubernetes/pkg/apis/autoscaling"
	v2 "k8s.io/kubernetes/pkg/apis/autoscaling/v2"
	"k8s.io/kubernetes/pkg/registry/autoscaling/horizontalpodautoscaler"
)

func main() {
	var objects []autoscalingv2.HorizontalPodAutoscaler
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, object := range objects {
		v2.SetObjectDefaults_HorizontalPodAutoscaler(&object)
		var internal autoscaling.HorizontalPodAutoscaler
		if err := v2.Convert_v2_HorizontalPodAutoscaler_To_autoscaling_HorizontalPodAutoscaler(&object, &internal, nil); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		faults := []string{}
		for _, fault := range horizontalpodautoscaler.Strategy.Validate(context.Background(), runtime.Object(&internal)) {
			faults = append(faults, fault.Error())
		}
		line, _ := json.Marshal(faults)
		fmt.Println(string(line))
	}
}
